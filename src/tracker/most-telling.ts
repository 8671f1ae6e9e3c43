/** Which of several errors to tell, when one tracker was asked in several ways and all failed. Pure. */
import { TrackerError, type TrackerFault } from '../core/errors.js'
import { NO_ADDRESS } from '../net/look-up.js'

/**
 * The tracker's own word says most. Silence may end, what cannot be reached stays so; that a name has no address of one
 * family says nothing. There must be one.
 */
export function mostTelling(errors: readonly unknown[]): unknown {
  const telling = errors.filter((error) => !hasNoAddress(error))
  const [best] = SPEAKING.flatMap((code) => telling.find((error) => hasCode(error, code)) ?? [])
  return best ?? telling[0] ?? errors[0]
}

const SPEAKING: readonly TrackerFault[] = ['REFUSED', 'TIMEOUT']

function hasNoAddress(error: unknown): boolean {
  return (
    error instanceof TrackerError && (error.cause as NodeJS.ErrnoException | undefined)?.code === NO_ADDRESS
  )
}

function hasCode(error: unknown, code: TrackerFault): boolean {
  return error instanceof TrackerError && error.code === code
}
