/**
 * The outcome of the work, or the signal's reason as soon as it is aborted: undici tells of an abort only once the
 * connection stands, which takes as long as a silent host may.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp = () => {}
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason)
    signal.addEventListener('abort', giveUp)
  })
  if (signal.aborted) giveUp()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
