/** What a handshake needs of chance, the same in every run; padding as long as a test wants it. */
import type { MseSecrets } from '../../src/wire/mse-handshake.js'
import { PRIVATE_KEY_BYTES } from '../../src/wire/mse-keys.js'
import { payloadBytes } from './payload.js'

export function secretsOf(seed: number, padding: readonly [number, number] = [0, 0]): MseSecrets {
  return {
    privateKey: payloadBytes(seed, PRIVATE_KEY_BYTES),
    padding: [payloadBytes(seed + 1_000, padding[0]), payloadBytes(seed + 2_000, padding[1])],
  }
}
