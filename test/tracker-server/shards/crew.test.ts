import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../../src/core/clock.js'
import { Crew } from '../../../src/tracker-server/shards/crew.js'
import { ShardPost } from '../../../src/tracker-server/shards/shard-post.js'
import type { Setup } from '../../../src/tracker-server/shards/worker-messages.js'
import { WorkerProcess } from '../../../src/tracker-server/shards/worker-process.js'
import type { TrackerServerOptions } from '../../../src/tracker-server/tracker-options.js'
import { sumOfShards } from '../../../src/tracker-server/tracker-stats.js'
import { announceQuery } from '../http-queries.js'
import { runTracker, trackerFolder } from '../running-tracker.js'
import { isAlive, workerPids } from './worker-pids.js'

const skip = existsSync('/proc/self/stat') ? false : 'processes are looked for in /proc'

function firstPost(): ShardPost {
  return new ShardPost(0, { datagram: () => {}, serve: () => Buffer.alloc(0) })
}

function setupOf(own: number, options: TrackerServerOptions): Setup {
  const secrets = { connectionKey: new Uint8Array(16).fill(1), shardKey: new Uint8Array(16).fill(2) }
  return { kind: 'setup', own, options, secrets, nowMs: systemClock.now(), catalogued: [] }
}

describe('the crew of a tracker', { skip }, () => {
  test('does not begin to serve without a worker that ended after it had started', async (t) => {
    const failures: string[] = []
    const onFailure = (why: string) => failures.push(why)
    const workers = 3
    const crew = new Crew({
      post: firstPost(),
      workers,
      setupOf: (own) => setupOf(own, { workers }),
      onNotice: onFailure,
      onFailure,
    })
    t.after(() => crew.end())
    await crew.start()
    const runningCount = async () => sumOfShards(await crew.stats()).process.count
    assert.equal(await runningCount(), 2)
    const pids = workerPids()
    process.kill(pids[0]!, 'SIGKILL')
    while ((await runningCount()) === 2) await setImmediate()
    await assert.rejects(crew.share([]), /ended/)
    await crew.end()
    assert.deepEqual([pids.filter(isAlive), failures], [[], []])
  })

  test('has workers that answer nothing before they have read all of their state', async (t) => {
    const stateFile = join(trackerFolder(), 'state')
    const { server, url } = await runTracker(t, { stateFile })
    for (let torrent = 1; torrent <= 20; torrent++)
      await fetch(`${url}/announce?${announceQuery(torrent, 1)}`)
    await server.close()
    const post = firstPost()
    const worker = new WorkerProcess()
    t.after(() => worker.end())
    post.attach(1, worker.stream)
    const asked = post.call(1, 'list', Buffer.of(0, 0, 1, 0))
    await worker.setUp(setupOf(1, { workers: 2, stateFile }))
    const list = await asked
    assert.ok(list.length > 20, 'a state of twenty swarms, of which it has none')
    post.close()
  })
})
