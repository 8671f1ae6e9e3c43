/** A name server for this process: names of which nobody else knows become this machine. */
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { TestContext } from 'node:test'

type LookUp = (name: string, ...rest: readonly unknown[]) => unknown

/** Until the end of the test every name that ends in `.lan` is 127.0.0.1. */
export function nameThisMachine(t: TestContext): void {
  const { lookup } = dns
  use((name, ...rest) => (lookup as LookUp)(name.endsWith('.lan') ? '127.0.0.1' : name, ...rest))
  t.after(() => use(lookup as LookUp))
}

function use(lookup: LookUp): void {
  Object.assign(dns, { lookup })
  syncBuiltinESMExports()
}
