/**
 * From a host to the addresses that may be connected to. Whoever connects must use these and not look the name up
 * again, since its next answer may be another.
 *
 * The system's resolver blocks one of the few threads that also open and read files, for many seconds when a
 * name server is silent. So look-ups of the whole process share MOST_AT_ONCE of them; the others wait in turn, but not
 * for ever: a hostile torrent may name hosts faster than their silent name servers are given up.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { isIP } from 'node:net'
import { ForbiddenAddressError } from '../core/forbidden-address.js'
import { loadAddressKind } from '../core/load-address-kind.js'
import { withoutBrackets } from '../core/private-reach.js'

/** `dns.lookup` with `all`; it hands addresses back as they are. */
export type Resolver = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export type Family = 4 | 6

export interface LookUpOptions {
  readonly mayBePrivate: boolean
  /** Addresses of this family only; both otherwise. */
  readonly family?: Family | undefined
  /** The system's. */
  readonly resolver?: Resolver | undefined
}

/**
 * At least one address, in the order to try them. `host` is a name or an address, as sockets or URLs write it.
 * Rejects with ForbiddenAddressError when it has addresses of which none is public, and with what the resolver
 * raises.
 */
export async function lookUp(host: string, options: LookUpOptions): Promise<LookupAddress[]> {
  const name = withoutBrackets(host)
  const isName = isIP(name) === 0
  const all = isName
    ? await resolveInTurn(name, options.resolver ?? lookup)
    : [{ address: name, family: isIP(name) }]
  const found = all.filter(({ family }) => family === (options.family ?? family))
  if (found.length === 0) throw Object.assign(new Error('no such address'), { code: NO_ADDRESS })
  return options.mayBePrivate ? found : await publicOnes(name, found)
}

/** The code of the error for a name that has no address, or none of the family. */
export const NO_ADDRESS = 'ENODATA'

/** What is being looked up, or waits for that, by resolver and name: who asks for the same gets the same answer. */
const underWay = new WeakMap<Resolver, Map<string, Promise<LookupAddress[]>>>()

function resolveInTurn(name: string, resolver: Resolver): Promise<LookupAddress[]> {
  const byName = underWay.get(resolver) ?? new Map<string, Promise<LookupAddress[]>>()
  underWay.set(resolver, byName)
  const known = byName.get(name)
  if (known !== undefined) return known
  const found = inTurn(() => resolve(name, resolver)).finally(() => byName.delete(name))
  byName.set(name, found)
  return found
}

function resolve(name: string, resolver: Resolver): Promise<LookupAddress[]> {
  return new Promise((done, fail) => {
    resolver(name, { all: true }, (error, addresses) => (error === null ? done(addresses) : fail(error)))
  })
}

async function publicOnes(name: string, found: readonly LookupAddress[]): Promise<LookupAddress[]> {
  const { addressKind } = await loadAddressKind()
  const allowed = found.filter(({ address }) => addressKind(address) === 'public')
  if (allowed.length > 0) return allowed
  const { address } = found[0]!
  throw new ForbiddenAddressError(name, address, addressKind(address))
}

/** Node has four such threads unless it is told otherwise: one stays for files. */
const MOST_AT_ONCE = 3
/** Longer than any tracker is waited for: who asked has given up. */
const MOST_WAIT_MS = 20_000
const waiting = new Set<() => void>()
let underWayCount = 0

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underWayCount < MOST_AT_ONCE) underWayCount++
  else await turn()
  try {
    return await work()
  } finally {
    const [next] = waiting
    if (next === undefined) underWayCount--
    else next()
  }
}

/** Rejects when it has not come in time. */
function turn(): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(begin)
      clearTimeout(timer)
    }
    const begin = () => {
      leave()
      resolve()
    }
    const timer = setTimeout(() => {
      leave()
      reject(Object.assign(new Error('too many names are being looked up'), { code: 'EAI_AGAIN' }))
    }, MOST_WAIT_MS)
    timer.unref()
    waiting.add(begin)
  })
}
