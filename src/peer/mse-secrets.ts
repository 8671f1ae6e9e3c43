import { randomBytes, randomInt } from 'node:crypto'
import { MOST_PADDING_BYTES, type MseSecrets } from '../wire/mse-handshake.js'
import { PRIVATE_KEY_BYTES } from '../wire/mse-keys.js'

/** Fresh chance for one encrypted handshake. */
export function makeMseSecrets(): MseSecrets {
  const pad = () => randomBytes(randomInt(MOST_PADDING_BYTES + 1))
  return { privateKey: randomBytes(PRIVATE_KEY_BYTES), padding: [pad(), pad()] }
}
