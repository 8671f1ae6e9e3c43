/** Our tracker as other people's programs see it: they find peers, are found, scrape, and hear when it refuses. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { writeRandomFile } from '../../bench/payload.js'
import { hashPayload, writeTorrent } from '../../bench/torrent.js'
import { assertSameFile, newFolder } from '../kit/real-folders.js'
import { RealGet } from '../kit/real-get.js'
import { makeNetwork } from '../kit/real-network.js'
import { needs } from '../kit/real-programs.js'
import { loopbackPlace, startAria2, startLibtorrent, startTransmission } from '../kit/real-seeds.js'
import { startTracker } from '../kit/real-tracker.js'

const payload = writeRandomFile(join(newFolder(), 'payload.bin'), 6_000_001)
const folder = dirname(payload.location)
const info = hashPayload({ files: [payload], pieceLengthBytes: 65_536 })

function torrentWith(tracker: string): string {
  const torrent = join(newFolder(), 'payload.torrent')
  writeTorrent(torrent, info, tracker)
  return torrent
}

const startSeed = { libtorrent: startLibtorrent, aria2: startAria2, transmission: startTransmission }

const requirements = {
  libtorrent: needs('libtorrent'),
  aria2: needs('aria2c'),
  transmission: needs('transmission-daemon', 'namespaces'),
}

for (const scheme of ['http', 'udp'] as const) {
  describe(`through our tracker over ${scheme}`, { concurrency: true }, () => {
    for (const program of ['libtorrent', 'aria2', 'transmission'] as const) {
      const skip = requirements[program]
      test(`our get finds what ${program} offers`, { skip }, async (t) => {
        const isPicky = program === 'transmission'
        const [trackerHome, seedHome, home] = isPicky ? makeNetwork(t, 3) : []
        const tracker = await startTracker(t, trackerHome)
        const torrent = torrentWith(tracker[scheme])
        const place = seedHome === undefined ? await loopbackPlace() : { ...seedHome, port: 51_413 }
        await startSeed[program](t, { torrent, folder, place })
        await tracker.untilSeeds(1)
        const output = newFolder()
        const get = new RealGet(t, [torrent, '-o', output, '--timeout', '30'], home?.prefix)
        const { code, stderr } = await get.outcome
        assert.equal(code, 0, stderr)
        assertSameFile(join(output, basename(payload.location)), payload.location)
      })
    }

    test('libtorrent scrapes how many have it and how many want it', {
      skip: requirements.libtorrent,
    }, async (t) => {
      const tracker = await startTracker(t)
      const torrent = torrentWith(tracker[scheme])
      const seed = await startLibtorrent(t, { torrent, folder, place: await loopbackPlace() })
      await tracker.untilSeeds(1)
      const get = new RealGet(t, [torrent, '-o', newFolder(), '--max-download', '64K'])
      await get.until(({ type }) => type === 'trackerAnswered')
      seed.tell('scrape')
      await seed.says(/^scraped 1 1$/m)
    })

    // Over UDP it hears the reason and keeps it to itself.
    const refusal = {
      http: /^refused: .*this tracker does not serve this torrent/m,
      udp: /^refused: .*failure message/m,
    }
    test('libtorrent is told why a torrent is not served', { skip: requirements.libtorrent }, async (t) => {
      const list = join(newFolder(), 'denied')
      writeFileSync(list, `${info.infoHashHex}\n`)
      const tracker = await startTracker(t, { options: ['--deny', list] })
      const torrent = torrentWith(tracker[scheme])
      const seed = await startLibtorrent(t, { torrent, folder, place: await loopbackPlace() })
      await seed.says(refusal[scheme])
    })
  })
}
