import { isIP } from 'node:net'
import type { Resolver } from '../../src/net/look-up.js'

/** A name server that knows these names, each with its addresses. */
export function answering(names: Readonly<Record<string, readonly string[]>>): Resolver {
  return (hostname, _, done) => {
    const found = names[hostname]
    if (found === undefined) return done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), [])
    done(
      null,
      found.map((address) => ({ address, family: isIP(address.split('%', 1)[0]!) })),
    )
  }
}
