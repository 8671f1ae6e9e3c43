/** The requests of a UDP tracker's client, as BEP 15 lays them out. */
import { infoHash } from './sample-tracker.js'

export function connectPacket(transaction: number): Buffer {
  const packet = Buffer.alloc(16)
  packet.write('0000041727101980', 'hex')
  packet.writeInt32BE(transaction, 12)
  return packet
}

export interface PacketFields {
  /** Of the sample tracker; 1. */
  readonly torrent?: number
  readonly port: number
  readonly transaction?: number
  readonly left?: bigint
  readonly event?: number
  readonly ip?: number
  readonly wanted?: number
}

export function announcePacket(id: Uint8Array, fields: PacketFields): Buffer {
  const packet = Buffer.alloc(98)
  packet.set(id)
  packet.writeInt32BE(1, 8)
  packet.writeInt32BE(fields.transaction ?? 1, 12)
  packet.set(infoHash(fields.torrent ?? 1), 16)
  packet.writeBigInt64BE(fields.left ?? 1n, 64)
  packet.writeInt32BE(fields.event ?? 0, 80)
  packet.writeUInt32BE(fields.ip ?? 0, 84)
  packet.writeInt32BE(fields.wanted ?? -1, 92)
  packet.writeUInt16BE(fields.port, 96)
  return packet
}

export function scrapePacket(id: Uint8Array, infoHashes: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(16)
  head.set(id)
  head.writeInt32BE(2, 8)
  return Buffer.concat([head, ...infoHashes])
}
