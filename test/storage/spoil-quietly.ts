import { execFileSync } from 'node:child_process'
import { open, rm } from 'node:fs/promises'

/** Changes one byte of a file, so that neither its size nor its time tells. */
export async function spoilQuietly(path: string, position: number): Promise<void> {
  // `utimes` would round the time.
  const witness = `${path}.witness`
  execFileSync('touch', ['-r', path, witness])
  const handle = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, position)
  byte[0]! ^= 0xff
  await handle.write(byte, 0, 1, position)
  await handle.close()
  execFileSync('touch', ['-r', witness, path])
  await rm(witness)
}
