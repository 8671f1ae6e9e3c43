import type { PieceIndex } from '../../src/core/geometry.js'
import { type PickOrder, PiecePicker } from '../../src/swarm/piece-picker.js'
import type { MicroSuite } from '../micro-suite.js'

/** A whole torrent picked, from the first piece to the last, by peers that take turns. */
export function piecePickerSuite(): MicroSuite {
  const few = { pieceCount: 2_000, peerCount: 8, order: 'rarestFirst', has: twoOfThree } as const
  return {
    tasks: [
      { name: '2,000 pieces, rarest first, 8 peers', run: () => pickAll(few) },
      { name: '2,000 pieces, sequential, 8 peers', run: () => pickAll({ ...few, order: 'sequential' }) },
      { name: '2,000 pieces, rarest first, 300 peers', run: () => pickAll({ ...few, peerCount: 300 }) },
      { name: '200,000 pieces, rarest first, 8 peers', run: () => pickAll({ ...few, pieceCount: 200_000 }) },
      {
        name: '20,000 pieces, half of them rare, 1 peer of 8 has those',
        run: () => pickAll({ ...few, pieceCount: 20_000, has: onlyFirstHasAll }),
      },
    ],
  }
}

interface Picking {
  readonly pieceCount: number
  readonly peerCount: number
  readonly order: PickOrder
  readonly has: (index: number, peer: number) => boolean
}

/** Each peer has two pieces of three, as if by chance. */
function twoOfThree(index: number, peer: number): boolean {
  return (Math.imul(index + peer * 7_919, 2_654_435_761) >>> 8) % 3 !== 0
}

function onlyFirstHasAll(index: number, peer: number): boolean {
  return peer === 0 || index % 2 === 0
}

function pickAll({ pieceCount, peerCount, order, has }: Picking): number {
  const picker = new PiecePicker(pieceCount, order, random())
  for (let index = 0; index < pieceCount; index++) picker.add(index as PieceIndex)
  for (let peer = 0; peer < peerCount; peer++) {
    for (let index = 0; index < pieceCount; index++) {
      if (has(index, peer)) picker.peerHas(index as PieceIndex)
    }
  }
  let picked = 0
  for (let turn = 0; picker.remainingCount > 0; turn++) {
    picked += picker.take((index) => has(index, turn % peerCount), 1, 1)?.count ?? 0
  }
  return picked
}

/** The same dice in every run. */
function random(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
