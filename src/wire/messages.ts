/** The messages of the peer wire protocol (BEP 3, BEP 6, BEP 10) as values. */

export interface Handshake {
  readonly type: 'handshake'
  /** 8 bytes of capability bits. */
  readonly reserved: Uint8Array
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
}

/** A block, or what of it one read brought: parts come in order and without gaps. */
export interface BlockPart {
  readonly type: 'block'
  /** Piece, straight off the wire: not yet checked. */
  readonly index: number
  /** Where the block starts in the piece, in bytes. */
  readonly begin: number
  /** Of the whole block, in bytes. */
  readonly length: number
  /** Where this part starts in the block, in bytes. The part is the last when offset + bytes.length = length. */
  readonly offset: number
  /** A view of the bytes that were pushed: valid only until the receiver returns. */
  readonly bytes: Uint8Array
}

export interface BlockRequest {
  readonly index: number
  readonly begin: number
  readonly length: number
}

export type Message =
  | Handshake
  | BlockPart
  | { readonly type: 'keepAlive' | 'choke' | 'unchoke' | 'interested' | 'notInterested' }
  | { readonly type: 'haveAll' | 'haveNone' }
  | { readonly type: 'have'; readonly index: number }
  | { readonly type: 'suggest' | 'allowedFast'; readonly index: number }
  | { readonly type: 'bitfield'; readonly bytes: Uint8Array }
  | ({ readonly type: 'request' | 'cancel' } & BlockRequest)
  | ({ readonly type: 'reject' } & BlockRequest)
  | { readonly type: 'port'; readonly port: number }
  | { readonly type: 'extended'; readonly id: number; readonly payload: Uint8Array }
  | { readonly type: 'unknown'; readonly id: number }

/** The ids of BEP 3, of the fast extension (BEP 6) and of the extension protocol (BEP 10). */
export const MESSAGE_ID = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  block: 7,
  cancel: 8,
  port: 9,
  suggest: 0x0d,
  haveAll: 0x0e,
  haveNone: 0x0f,
  reject: 0x10,
  allowedFast: 0x11,
  extended: 20,
} as const
