/** How answers go back to the main thread. */
import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { DiskFailure } from '../src/storage/piece-tasks.js'

/** @param subject the descriptor or the place of the path concerned */
export function diskFailure(error: unknown, subject: number): DiskFailure {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException
  return { code, message, subject }
}

/** Has Piscina send the answer and move its buffers; what it returns is no Answer yet, but arrives as one. */
export function moveBack<Answer>(answer: Answer, buffers: readonly ArrayBuffer[]): Answer {
  return move({ [transferableSymbol]: buffers, [valueSymbol]: answer } as never) as unknown as Answer
}
