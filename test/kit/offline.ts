/**
 * The arguments of a command of ours, so that it looks for nobody beyond this machine. Who names a node of
 * the DHT wants that, and whoever says `--no-dht` has thought of the rest himself.
 */
export function offline(args: readonly string[]): string[] {
  const isSearch = ['get', 'seed', 'show'].includes(args[0]!)
  if (!isSearch || args.includes('--no-dht')) return [...args]
  return args.includes('--dht-bootstrap') ? [...args, '--no-lsd'] : [...args, '--no-dht', '--no-lsd']
}
