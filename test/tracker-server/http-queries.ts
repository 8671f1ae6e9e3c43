/** Every byte as an escape, as no client would but every client may. */
export function percentEncoded(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

/** The query of an announce for a torrent of the sample tracker; further fields as they are. */
export function announceQuery(torrent: number, port: number, more = ''): string {
  const infoHash = percentEncoded(new Uint8Array(20).fill(torrent))
  return `info_hash=${infoHash}&peer_id=${'p'.repeat(20)}&port=${port}&left=1${more}`
}
