/** The cipher of encrypted connections, by the reads and writes that it is applied to, and what begins with it. */
import { randomBytes } from 'node:crypto'
import { PRIVATE_KEY_BYTES, publicKeyOf, sharedSecret } from '../../src/wire/mse-keys.js'
import { Rc4 } from '../../src/wire/rc4.js'
import type { MicroSuite } from '../micro-suite.js'

const LARGE_BYTES = 256 * 1024
const SMALL_BYTES = 1_460

export function rc4Suite(): MicroSuite {
  const cipher = new Rc4(randomBytes(20))
  const copy = new Uint8Array(LARGE_BYTES)
  const large = randomBytes(LARGE_BYTES)
  const small = randomBytes(SMALL_BYTES)
  const theirs = publicKeyOf(randomBytes(PRIVATE_KEY_BYTES))
  const agree = () => {
    const privateKey = randomBytes(PRIVATE_KEY_BYTES)
    return [publicKeyOf(privateKey), sharedSecret(privateKey, theirs)]
  }
  return {
    tasks: [
      { name: 'a read of 256 KiB, in place', bytes: LARGE_BYTES, run: () => cipher.apply(large, large) },
      { name: 'a read of 1,460 bytes, in place', bytes: SMALL_BYTES, run: () => cipher.apply(small, small) },
      { name: 'a write of 256 KiB, into a copy', bytes: LARGE_BYTES, run: () => cipher.apply(large, copy) },
      { name: 'a new cipher', run: () => new Rc4(randomBytes(20), 1024) },
      { name: 'a key, and the secret of one exchange', run: agree },
    ],
  }
}
