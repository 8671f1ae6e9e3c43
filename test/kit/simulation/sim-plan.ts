/** Everything that happens in one simulated download, as plain values that fast-check can make and shrink. */
import fc from 'fast-check'

/**
 * honest: sends what it is asked for. silent: never sends a byte. liar: spoils a share of its blocks.
 * dripping: sends, but a few bytes at a time. refusing: says no to everything.
 */
export type PeerKind = 'honest' | 'silent' | 'liar' | 'dripping' | 'refusing'

export interface PeerPlan {
  readonly kind: PeerKind
  /** Of ten pieces it has so many; 10 makes it a seed. */
  readonly tenths: number
  readonly seed: number
  readonly reqq: number
  /** A peer may send a block although the cancel came first. */
  readonly heedsCancels: boolean
  /** It says which requests it will not answer (BEP 6), also when it chokes; a refusing one does in any case. */
  readonly isFast: boolean
  /** It is asked for long stretches, as a web seed is. */
  readonly readsStretches: boolean
}

export interface SimStep {
  readonly kind:
    | 'deliver'
    | 'request'
    | 'tick'
    | 'disk'
    | 'choke'
    | 'unchoke'
    | 'leave'
    | 'join'
    | 'have'
    | 'lose'
    | 'allow'
    | 'refuse'
    | 'unasked'
    | 'malformed'
    | 'glitch'
  readonly peer: number
  readonly amount: number
}

export interface SimPlan {
  readonly pieceLength: number
  readonly totalBytes: number
  readonly memoryBytes: number
  readonly order: 'rarestFirst' | 'sequential'
  /** One piece in so many is not selected; 0 selects all. */
  readonly skipEvery: number
  /** The first peers have every piece between them, are honest, and stay: one seed, or two halves. */
  readonly trustedCount: 1 | 2
  readonly peers: readonly PeerPlan[]
  readonly steps: readonly SimStep[]
  readonly seed: number
}

const KIB = 1024
const MIB = 1024 * KIB

interface Size {
  readonly pieceLength: number
  readonly totalBytes: number
  readonly memoryBytes: number
}

/** Tiny and odd pieces that share runs, pieces of a run each, large ones in parts; little memory for all. */
const sizes: fc.Arbitrary<Size> = fc.oneof(
  { weight: 3, arbitrary: size([1_000, 16 * KIB, 20_000], 700_000, [64 * KIB, 256 * KIB, 4 * MIB]) },
  { weight: 3, arbitrary: size([64 * KIB, 100_001], 1_500_000, [128 * KIB, 512 * KIB, 4 * MIB]) },
  { weight: 2, arbitrary: size([MIB + 5, 3 * MIB - 16 * KIB], 7 * MIB, [MIB, 2 * MIB, 4 * MIB]) },
)

const peer: fc.Arbitrary<PeerPlan> = fc.record({
  kind: fc.constantFrom<PeerKind>('honest', 'honest', 'silent', 'liar', 'dripping', 'refusing'),
  tenths: fc.constantFrom(10, 10, 5, 2),
  seed: fc.nat(0xffff),
  reqq: fc.constantFrom(250, 250, 1, 3, 2_000),
  heedsCancels: fc.boolean(),
  isFast: fc.boolean(),
  readsStretches: fc.constantFrom(false, false, true),
})

const step: fc.Arbitrary<SimStep> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('deliver' as const) },
    { weight: 5, arbitrary: fc.constant('request' as const) },
    { weight: 3, arbitrary: fc.constantFrom('tick' as const, 'disk' as const) },
    { weight: 3, arbitrary: fc.constantFrom('choke', 'unchoke', 'leave', 'join', 'have') },
    { weight: 2, arbitrary: fc.constantFrom('lose', 'allow', 'refuse') },
    { weight: 1, arbitrary: fc.constantFrom('unasked', 'malformed', 'glitch') },
  ) as fc.Arbitrary<SimStep['kind']>,
  peer: fc.nat(9),
  amount: fc.nat(0xffff),
})

export const simPlans: fc.Arbitrary<SimPlan> = fc
  .record({
    size: sizes,
    order: fc.constantFrom('rarestFirst' as const, 'sequential' as const),
    skipEvery: fc.constantFrom(0, 0, 2, 3),
    trustedCount: fc.constantFrom(1 as const, 2 as const),
    peers: fc.array(peer, { maxLength: 6 }),
    steps: fc.array(step, { maxLength: 150, size: 'max' }),
    seed: fc.nat(0xffff),
  })
  .map(({ size, ...rest }) => ({ ...size, ...rest }))

function size(pieceLengths: number[], mostBytes: number, memories: number[]): fc.Arbitrary<Size> {
  return fc.record({
    pieceLength: fc.constantFrom(...pieceLengths),
    totalBytes: fc.integer({ min: 1, max: mostBytes }),
    memoryBytes: fc.constantFrom(...memories),
  })
}
