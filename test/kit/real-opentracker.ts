/** Debian's opentracker, which speaks HTTP and UDP on one port number. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { newFolder } from './real-folders.js'
import { RealProcess } from './real-process.js'
import { loopbackPlace } from './real-seeds.js'

/** Its announce URL; `udp:` in the place of `http:` works too. Debian's build serves only info hashes on its list. */
export async function startOpentracker(t: TestContext, infoHashes: readonly string[]): Promise<string> {
  const { host, port } = await loopbackPlace()
  const home = newFolder()
  writeFileSync(join(home, 'whitelist'), infoHashes.map((hash) => `${hash}\n`).join(''))
  // It makes the folder its root and becomes a user who owns nothing in it.
  chmodSync(home, 0o755)
  const args = ['-i', host, '-p', String(port), '-P', String(port), '-d', home, '-w', 'whitelist']
  const tracker = new RealProcess(t, { program: 'opentracker', args, cwd: home })
  const url = `http://${host}:${port}/announce`
  await tracker.until(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  return url
}
