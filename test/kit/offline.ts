/** The arguments of a command of ours, so that it looks for nobody beyond this machine. */
export function offline(args: readonly string[]): string[] {
  const isSearch = ['get', 'seed', 'show'].includes(args[0]!)
  return isSearch && !args.includes('--dht-bootstrap') ? [...args, '--no-dht'] : [...args]
}
