/** Random damage to a stream of bytes. */
import type { Random } from '../../src/core/clock.js'

/** One to eight times, somewhere: bytes changed, left out, repeated, put in, or all the rest cut off. */
export function mutate(bytes: Uint8Array, random: Random): Buffer {
  let damaged: Buffer = Buffer.from(bytes)
  for (let times = 1 + Math.floor(random() * 8); times > 0; times--) damaged = damage(damaged, random)
  return damaged
}

function damage(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * bytes.length)
  // Short stretches are likelier: they leave more of the stream to be read.
  const end = Math.min(bytes.length, at + 1 + Math.floor(random() ** 4 * 1_000))
  const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
  const noise = Buffer.from(middle.map(() => Math.floor(random() * 256)))
  const results = [
    [head, noise, tail],
    [head, tail],
    [head, middle, middle, tail],
    [head, noise, middle, tail],
    [head],
  ]
  return Buffer.concat(results[Math.floor(random() * results.length)]!)
}
