/** One GET through one of undici's dispatchers, without undici's time limits: the signal is the only one. */
import type { Dispatcher } from 'undici'
import { loadUndici } from './load-undici.js'
import { untilAborted } from './until-aborted.js'

/** Rejects with what the dispatcher or undici raise, or at once with the signal's reason. */
export async function sendGet(
  dispatcher: Dispatcher,
  { origin, pathname, search }: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { request } = loadUndici()
  const target = { origin, path: pathname + search, method: 'GET' } as const
  const asked = request.call(dispatcher, { ...target, headers, signal, headersTimeout: 0, bodyTimeout: 0 })
  return await untilAborted(asked, signal)
}
