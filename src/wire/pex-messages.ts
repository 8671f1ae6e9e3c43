/**
 * The messages of `ut_pex` (BEP 11), in which peers tell each other whom they have connected to and who has left
 * since they said so last.
 */
import { asDict, bytesField } from '../core/bencode/bencode-fields.js'
import { decodeBencode } from '../core/bencode/decode-bencode.js'
import { encodeBencode } from '../core/bencode/encode-bencode.js'
import { type AddressBytes, decodeCompactPeers, encodeCompactPeers } from '../core/compact-peers.js'
import { PeerError } from '../core/errors.js'
import { ipBytes } from '../core/ip-bytes.js'
import type { FoundAddress, PeerAddress } from '../core/peer-address.js'
import { encodeExtended } from './encode-messages.js'

export interface PexPeer extends FoundAddress {
  readonly isSeed: boolean
  /** We have connected to it, and not it to us. */
  readonly isReachable: boolean
}

export interface PexNews {
  readonly added: readonly PexPeer[]
  readonly dropped: readonly PeerAddress[]
}

const ENCRYPTION_FLAG = 0x01
const SEED_FLAG = 0x02
const REACHABLE_FLAG = 0x10

/** Six entries, and what some programs add. */
const BENCODE_LIMITS = { depth: 4, tokens: 100 }

/** `id` is the peer's for `ut_pex`. */
export function encodePex(id: number, { added, dropped }: PexNews): Buffer {
  const dict = {
    added: encodeCompactPeers(added, 4),
    'added.f': flagsOf(added, 4),
    added6: encodeCompactPeers(added, 16),
    'added6.f': flagsOf(added, 16),
    dropped: encodeCompactPeers(dropped, 4),
    dropped6: encodeCompactPeers(dropped, 16),
  }
  return encodeExtended(id, encodeBencode(dict))
}

/**
 * The peers that were added, of each family at most so many. Who was dropped is of no use to us: perhaps we can
 * reach it. Throws PeerError BAD_MESSAGE.
 */
export function decodePex(payload: Uint8Array, mostOfEach: number): PexPeer[] {
  const dict = asDict(decode(payload))
  if (dict === undefined) throw new PeerError('BAD_MESSAGE', 'peer exchange that is no dictionary')
  return FAMILIES.flatMap(({ key, width }) => {
    const contacts = bytesField(dict, key) ?? Buffer.alloc(0)
    const flags = bytesField(dict, `${key}.f`) ?? Buffer.alloc(0)
    return decodeAdded(contacts.subarray(0, mostOfEach * (width + 2)), flags, width)
  })
}

const FAMILIES = [
  { key: 'added', width: 4 },
  { key: 'added6', width: 16 },
] as const

/** One by one: a flag belongs to an address by its place, also when some have no port. */
function decodeAdded(contacts: Uint8Array, flags: Uint8Array, width: AddressBytes): PexPeer[] {
  const stride = width + 2
  return Array.from({ length: Math.floor(contacts.length / stride) }, (_, nth) => {
    const flag = flags[nth] ?? 0
    const [address] = decodeCompactPeers(contacts.subarray(nth * stride, (nth + 1) * stride), width, 1)
    if (address === undefined) return []
    return {
      ...address,
      ...((flag & ENCRYPTION_FLAG) === 0 ? {} : { prefersEncryption: true }),
      isSeed: (flag & SEED_FLAG) !== 0,
      isReachable: (flag & REACHABLE_FLAG) !== 0,
    }
  }).flat()
}

function decode(payload: Uint8Array) {
  try {
    return decodeBencode(payload, BENCODE_LIMITS)
  } catch (cause) {
    throw new PeerError('BAD_MESSAGE', 'peer exchange that is not bencode', { cause })
  }
}

function flagsOf(peers: readonly PexPeer[], width: AddressBytes): Buffer {
  const family = peers.filter(({ host }) => ipBytes(host)?.length === width)
  return Buffer.from(
    family.map(({ prefersEncryption, isSeed, isReachable }) => {
      const encryption = prefersEncryption === true ? ENCRYPTION_FLAG : 0
      return encryption | (isSeed ? SEED_FLAG : 0) | (isReachable ? REACHABLE_FLAG : 0)
    }),
  )
}
