import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientResources } from '../../src/client/client-resources.js'
import { TrackerLink } from '../../src/client/tracker-link.js'
import { TrackerError } from '../../src/core/errors.js'

/** Of a torrent with so many bytes missing and so many peers connected; nothing is announced. */
function linkOf(trackers: readonly string[], left = 1, peerCount = 0): TrackerLink {
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
  const metainfo = { infoHash, trackers: [trackers] }
  return new TrackerLink(metainfo, {} as ClientResources, { host, reach: 'never' })
}

test('only a download with few peers asks its trackers before they expect it', () => {
  assert.equal(linkOf([], 1, 0).lacksPeers(), true)
  assert.equal(linkOf([], 1, 9).lacksPeers(), true)
  assert.equal(linkOf([], 1, 10).lacksPeers(), false)
  assert.equal(linkOf([], 0, 0).lacksPeers(), false)
})

test('there is hope as long as a tracker may answer some day', () => {
  const [first, second] = ['http://a.example/', 'http://b.example/'] as const
  const link = linkOf([first, second])
  link.onFailure(first, new TrackerError('TIMEOUT', 'silent'))
  link.onFailure(second, new TrackerError('FORBIDDEN_ADDRESS', 'private'))
  link.onFailure(first, new TrackerError('REFUSED', 'busy', { retryAfterMs: 60_000 }))
  assert.equal(link.isHopeful, true)
  link.onFailure(first, new TrackerError('REFUSED', 'gone', { retryAfterMs: Number.POSITIVE_INFINITY }))
  assert.equal(link.isHopeful, false)
})
