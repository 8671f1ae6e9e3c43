/** The handshake of a peer that speaks the fast extension (BEP 6), or of one that does not. */
export function withFastBit(handshake: Buffer, isFast: boolean): Buffer {
  if (isFast) handshake[27]! |= 0x04
  else handshake[27]! &= ~0x04
  return handshake
}
