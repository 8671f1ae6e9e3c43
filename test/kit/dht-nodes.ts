/** Nodes of ours in the DHT, on this machine. */
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/core/clock.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { DhtNode, type DhtNodeOptions } from '../../src/discovery/dht-node.js'
import { ScriptedNode } from './scripted-node.js'

/** The end of the test closes it. */
export async function openNode(t: TestContext, options: Partial<DhtNodeOptions> = {}): Promise<DhtNode> {
  const plain = {
    clock: systemClock,
    port: 0,
    bootstrap: [],
    suggested: [],
    isReadOnly: false,
    nodesPath: undefined,
  }
  const node = await DhtNode.open({ ...plain, ...options })
  t.after(() => node.close())
  return node
}

export function addressOf(node: DhtNode): PeerAddress {
  return { host: '127.0.0.1', port: node.port }
}

/** All that a look-up brings, as texts. Its announce names the port. */
export async function searchBy(
  node: DhtNode,
  infoHash: Uint8Array,
  { port = 6881, signal }: { readonly port?: number; readonly signal?: AbortSignal } = {},
): Promise<string[]> {
  const found: string[] = []
  const onPeers = (peers: readonly PeerAddress[]) => {
    for (const peer of peers) found.push(`${peer.host}:${peer.port}`)
  }
  await node.search({ infoHash, port, onPeers, signal: signal ?? new AbortController().signal })
  return found.sort()
}

/** Resolves when one of these nodes has heard of somebody who has, or wants, the torrent. */
export async function untilAnnounced(
  t: TestContext,
  nodes: readonly PeerAddress[],
  infoHash: Uint8Array,
): Promise<void> {
  const asker = await ScriptedNode.listen(t)
  for (;;) {
    for (const node of nodes) {
      const answer = await asker.insist(node, 'get_peers', { info_hash: infoHash })
      if (answer.part('values') !== undefined) return
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
