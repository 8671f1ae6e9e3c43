/** A snapshot in the middle of a download, for tests to vary. */
import type { TorrentProgress, TorrentResult } from '../../src/client/progress.js'

const MIB = 1_048_576

export function sampleProgress(changes: Partial<TorrentProgress> = {}): TorrentProgress {
  return {
    phase: 'downloading',
    infoHash: 'a'.repeat(40),
    name: 'payload.bin',
    totalBytes: 4000 * MIB,
    completedBytes: 1720 * MIB,
    checkedBytes: 0,
    bytesToCheck: 0,
    downloadedBytes: 1720 * MIB,
    wastedBytes: 0,
    uploadedBytes: 0,
    uploadedBytesBefore: 0,
    downloadBytesPerSecond: 112 * MIB,
    uploadBytesPerSecond: 0,
    etaSeconds: 20.4,
    connectedPeers: 24,
    unchokedPeers: 20,
    knownPeers: 90,
    webSeeds: 0,
    pieceCount: 1000,
    verifiedPieces: 430,
    stall: undefined,
    ...changes,
  }
}

export function sampleResult(changes: Partial<TorrentResult> = {}): TorrentResult {
  return {
    infoHash: 'a'.repeat(40),
    name: 'payload.bin',
    files: ['/data/payload.bin'],
    totalBytes: 4000 * MIB,
    downloadedBytes: 4000 * MIB,
    wastedBytes: 0,
    uploadedBytes: 0,
    elapsedMs: 40_000,
    ...changes,
  }
}
