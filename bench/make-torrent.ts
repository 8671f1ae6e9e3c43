/**
 * Makes a random payload and its .torrent in the folder given:
 * `node dist/bench/make-torrent.js DIR [--size MIB] [--piece KIB] [--files N] [--announce URL]`
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeRandomFile, writeRandomFolder } from './payload.js'
import { hashPayload, writeTorrent } from './torrent.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '256' },
    piece: { type: 'string', default: '1024' },
    files: { type: 'string', default: '1' },
    announce: { type: 'string' },
  },
})

const top = positionals[0]
if (top === undefined) throw new Error('name the folder to write to')
const totalBytes = Number(values.size) * 1_048_576
const fileCount = Number(values.files)
const folder = fileCount > 1 ? join(top, 'payload') : undefined
const torrent = hashPayload({
  files:
    folder === undefined
      ? [writeRandomFile(join(top, 'payload.bin'), totalBytes)]
      : writeRandomFolder(folder, totalBytes, fileCount),
  ...(folder === undefined ? {} : { folder }),
  pieceLengthBytes: Number(values.piece) * 1024,
})
const location = join(top, 'payload.torrent')
writeTorrent(location, torrent, values.announce)
console.log(`${location} ${torrent.infoHashHex}`)
