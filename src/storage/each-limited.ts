/**
 * Does the work for each item, at most `limit` at once. Items are taken only when their turn comes. After the
 * first failure none is taken any more; it is thrown once the work under way has ended, so that nothing is
 * left running behind the caller's back.
 */
export async function eachLimited<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []
  const takeTurns = async (): Promise<void> => {
    try {
      for (let turn = iterator.next(); !turn.done; turn = iterator.next()) {
        await work(turn.value)
        if (failures.length > 0) return
      }
    } catch (error) {
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: limit }, takeTurns))
  if (failures.length > 0) throw failures[0]
}
