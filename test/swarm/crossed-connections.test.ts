import assert from 'node:assert/strict'
import { test } from 'node:test'
import { staysNewer } from '../../src/swarm/crossed-connections.js'

const SMALL = '2d'.repeat(20)
const LARGE = '7e'.repeat(20)

test('both ends keep the connection that the smaller id dialled, in whatever order each hears of the two', () => {
  for (const isSmallersOlderAtSmaller of [true, false]) {
    for (const isSmallersOlderAtLarger of [true, false]) {
      const newerStaysAtSmaller = staysNewer({
        isOlderIncoming: !isSmallersOlderAtSmaller,
        isNewerIncoming: isSmallersOlderAtSmaller,
        ourPeerId: SMALL,
        theirPeerId: LARGE,
      })
      const newerStaysAtLarger = staysNewer({
        isOlderIncoming: isSmallersOlderAtLarger,
        isNewerIncoming: !isSmallersOlderAtLarger,
        ourPeerId: LARGE,
        theirPeerId: SMALL,
      })
      assert.equal(newerStaysAtSmaller, !isSmallersOlderAtSmaller)
      assert.equal(newerStaysAtLarger, !isSmallersOlderAtLarger)
    }
  }
})

test('a peer that dials twice keeps the connection that it has', () => {
  for (const isIncoming of [true, false]) {
    for (const [ourPeerId, theirPeerId] of [
      [SMALL, LARGE],
      [LARGE, SMALL],
    ] as const) {
      const two = { isOlderIncoming: isIncoming, isNewerIncoming: isIncoming, ourPeerId, theirPeerId }
      assert.equal(staysNewer(two), false)
    }
  }
})
