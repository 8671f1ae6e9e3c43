import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientResources } from '../../src/client/client-resources.js'
import { TrackerLink } from '../../src/client/tracker-link.js'

/** Of a torrent with so many bytes missing and so many peers connected; nothing is announced. */
function lacksPeers(left: number, peerCount: number): boolean {
  const host = {
    stats: () => ({ uploaded: 0, downloaded: 0, left }),
    wantsPeers: () => true,
    addAddresses: () => {},
    hasSources: () => false,
    connectedPeers: () => peerCount,
    notify: () => {},
    failed: (error: Error) => assert.fail(error),
  }
  const infoHash = { bytes: new Uint8Array(20), hex: '00'.repeat(20) }
  const link = new TrackerLink({ infoHash, trackers: [] }, {} as ClientResources, { host, reach: 'never' })
  return link.lacksPeers()
}

test('only a download with few peers asks its trackers before they expect it', () => {
  assert.equal(lacksPeers(1, 0), true)
  assert.equal(lacksPeers(1, 9), true)
  assert.equal(lacksPeers(1, 10), false)
  assert.equal(lacksPeers(0, 0), false)
})
