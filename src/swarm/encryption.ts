/**
 * Whether connections are encrypted (MSE), which hides what they carry from those on the way and from nobody else.
 *
 * `prefer` connects to everybody: payload stays plain wherever the peer lets us. With `require` nothing that looks
 * like BitTorrent may be seen on the line, and a plain payload would.
 */
import type { PayloadCipher } from '../wire/mse-handshake.js'

export type Encryption = 'prefer' | 'require' | 'off'

/** How payload may go after an encrypted handshake, best first; none: there are no such handshakes. */
export const PAYLOAD_CIPHERS: Readonly<Record<Encryption, readonly PayloadCipher[]>> = {
  prefer: ['plain', 'rc4'],
  require: ['rc4'],
  off: [],
}
