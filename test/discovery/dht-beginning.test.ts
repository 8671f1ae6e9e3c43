/** Time stands still here, but for what the test lets pass: what waits for a time-out of two seconds never ends. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { openNode, searchBy } from '../kit/dht-nodes.js'
import { answerPlainly, compactPeer, type NodeScript, ScriptedNode } from '../kit/scripted-node.js'

test('a search begins with a few nodes that answer, and waits half a second for others at most', async (t) => {
  const telling: NodeScript = (question, { id }) =>
    question.answer({ id, token: 'token', values: [compactPeer({ host: '127.0.0.1', port: 2001 })] })
  const scripts = [() => {}, () => {}, answerPlainly, answerPlainly, telling]
  const nodes = await Promise.all(scripts.map((script) => ScriptedNode.listen(t, script)))
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bootstrap = nodes.map(({ address }) => address)
  const node = await openNode(t, { bootstrap, isReadOnly: true })
  const searching = searchBy(node, randomBytes(20))
  while (node.nodeCount < 3) await new Promise((resolve) => setImmediate(resolve))
  t.mock.timers.tick(500)
  assert.deepEqual(await searching, ['127.0.0.1:2001'])
  assert.deepEqual(nodes[0]!.methods, ['ping'])
})
