/**
 * undici, loaded at the first HTTP request since it costs tens of milliseconds of start-up, and once: Node 20 has been
 * seen to abort when the same module was being imported from several places at a time.
 */
let loading: Promise<typeof import('undici')> | undefined

export function loadUndici(): Promise<typeof import('undici')> {
  loading ??= import('undici')
  return loading
}
