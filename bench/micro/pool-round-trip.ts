import { createHash } from 'node:crypto'
import { PiecePool } from '../../src/storage/piece-pool.js'
import type { StoreTask } from '../../src/storage/piece-tasks.js'
import type { MicroSuite } from '../micro-suite.js'

const KIB = 1024
const MIB = 1024 * KIB

/** A buffer moved to a thread, hashed there, and moved back. Nothing is written. */
export function poolRoundTripSuite(): MicroSuite {
  const pool = new PiecePool({ maxThreads: 1 })
  const alone = new Hashing(pool, 1, MIB)
  const small = new Hashing(pool, 64, 16 * KIB)
  const least = new Hashing(pool, 1, 16 * KIB)
  const queued = Array.from({ length: 8 }, () => new Hashing(pool, 1, MIB))
  return {
    tasks: [
      { name: 'one piece of 16 KiB', bytes: 16 * KIB, run: async () => least.run() },
      { name: 'one piece of 1 MiB', bytes: MIB, run: async () => alone.run() },
      { name: '64 pieces of 16 KiB in one task', bytes: MIB, run: async () => small.run() },
      {
        name: '8 pieces of 1 MiB, handed in at once',
        bytes: 8 * MIB,
        run: async () => Promise.all(queued.map((hashing) => hashing.run())),
      },
    ],
    close: () => pool.close(),
  }
}

/** The same pieces of zeros again and again, in one buffer that comes and goes. */
class Hashing {
  readonly #pool: PiecePool
  #task: StoreTask

  constructor(pool: PiecePool, pieceCount: number, pieceLength: number) {
    this.#pool = pool
    const hash = createHash('sha1').update(new Uint8Array(pieceLength)).digest()
    this.#task = {
      buffer: new ArrayBuffer(pieceCount * pieceLength),
      hashes: Buffer.concat(Array.from({ length: pieceCount }, () => hash)),
      pieces: Array.from({ length: pieceCount }, (_, i) => [i * pieceLength, pieceLength, 0]).flat(),
      spans: [],
    }
  }

  async run(): Promise<void> {
    const { buffer, corrupt, failure } = await this.#pool.run('storePieces', this.#task)
    if (corrupt.length > 0 || failure !== undefined) throw new Error('the pool found zeros corrupt')
    this.#task = { ...this.#task, buffer }
  }
}
