/**
 * The arithmetic of message stream encryption: a Diffie-Hellman exchange over a prime of 768 bits, and what
 * both sides derive from its secret S and from the info hash (SKEY), which never goes over the line.
 */
import { createDiffieHellman, createHash, type DiffieHellman } from 'node:crypto'
import { PeerError } from '../core/errors.js'
import { Rc4 } from './rc4.js'

export const PUBLIC_KEY_BYTES = 96
/** Enough for a prime of this size, and a fifth of the work that a key of its length would be. */
export const PRIVATE_KEY_BYTES = 20

const PRIME = Buffer.from(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd' +
    'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
  'hex',
)
const GENERATOR = 2

/** With 0, 1 or p - 1 as a key, anybody knows the secret; what is larger is no key. */
const LEAST_PUBLIC_KEY = padded(Buffer.of(2))
const MOST_PUBLIC_KEY = Buffer.from(PRIME)
MOST_PUBLIC_KEY[PUBLIC_KEY_BYTES - 1]! -= 2

/** The start of an RC4 key stream gives the key away. */
const SKIPPED_BYTES = 1024

/** One for each direction, as the side sees it that has them. */
export interface StreamCiphers {
  readonly incoming: Rc4
  readonly outgoing: Rc4
}

export function publicKeyOf(privateKey: Uint8Array): Buffer {
  const group = theGroup()
  group.setPrivateKey(privateKey)
  return padded(group.generateKeys())
}

/** Throws PeerError BAD_HANDSHAKE when the peer's key is one with which there would be no secret. */
export function sharedSecret(privateKey: Uint8Array, theirPublicKey: Buffer): Buffer {
  if (theirPublicKey.compare(LEAST_PUBLIC_KEY) < 0 || theirPublicKey.compare(MOST_PUBLIC_KEY) > 0) {
    throw new PeerError('BAD_HANDSHAKE', 'a public key that makes no secret')
  }
  const group = theGroup()
  group.setPrivateKey(privateKey)
  return padded(group.computeSecret(theirPublicKey))
}

/** Marks the end of the initiator's first padding. */
export function secretMark(secret: Uint8Array): Buffer {
  return sha1('req1', secret)
}

/** What stands for an info hash where others could read it. */
export function infoHashMark(infoHash: Uint8Array): Buffer {
  return sha1('req2', infoHash)
}

/** Hides an info hash's mark from all who do not have the secret, and finds it again. */
export function maskInfoHashMark(mark: Uint8Array, secret: Uint8Array): Buffer {
  const mask = sha1('req3', secret)
  return Buffer.from(mask.map((byte, at) => byte ^ mark[at]!))
}

export function ciphersOf(
  side: 'initiator' | 'responder',
  secret: Uint8Array,
  infoHash: Uint8Array,
): StreamCiphers {
  const ofInitiator = new Rc4(sha1('keyA', secret, infoHash), SKIPPED_BYTES)
  const ofResponder = new Rc4(sha1('keyB', secret, infoHash), SKIPPED_BYTES)
  return side === 'initiator'
    ? { outgoing: ofInitiator, incoming: ofResponder }
    : { outgoing: ofResponder, incoming: ofInitiator }
}

let group: DiffieHellman | undefined

/** Made when it is needed first, and only once: to test whether the prime is one takes 15 ms. */
function theGroup(): DiffieHellman {
  group ??= createDiffieHellman(PRIME, GENERATOR)
  return group
}

function padded(number: Buffer): Buffer {
  const bytes = Buffer.alloc(PUBLIC_KEY_BYTES)
  number.copy(bytes, PUBLIC_KEY_BYTES - number.length)
  return bytes
}

function sha1(label: string, ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha1').update(label, 'latin1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
