/**
 * The program that {@link startHub} runs: a small DHT of our nodes for others to begin with. It prints their ports once
 * the first of them knows the others.
 */
import { systemClock } from '../../src/core/clock.js'
import { DhtNode } from '../../src/discovery/dht-node.js'
import type { NodeAddress } from '../../src/metainfo/metainfo.js'

/** Transmission does not believe in a DHT of fewer than nine nodes. */
const NODE_COUNT = 12

const [host = '127.0.0.1'] = process.argv.slice(2)
const hub = await open([])
const bootstrap = [{ host, port: hub.port }]
const others = await Promise.all(Array.from({ length: NODE_COUNT - 1 }, () => open(bootstrap)))
while (hub.nodeCount < others.length) await new Promise((resolve) => setTimeout(resolve, 20))
console.log(`ports ${[hub, ...others].map(({ port }) => port).join(' ')}`)
setInterval(() => {}, 60_000)

function open(first: readonly NodeAddress[]): Promise<DhtNode> {
  const plain = { suggested: [], isReadOnly: false, nodesPath: undefined }
  return DhtNode.open({ ...plain, bootstrap: first, clock: systemClock, port: 0 })
}
