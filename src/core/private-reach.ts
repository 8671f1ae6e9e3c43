/**
 * Which hosts a torrent may send us to although their addresses are not public: the machine that we run on, or
 * the network around it. Whoever makes a .torrent or a magnet link chooses its URLs, and must not have us knock
 * at doors that are closed to him. Pure.
 */
import { loadAddressKind } from './load-address-kind.js'

/**
 * `never`: public addresses only. `spelled out`: also hosts that are written as such an address (or as
 * `localhost`) where the user could read it, but no names that turn out to have one. `always`: any.
 */
export type PrivateReach = 'never' | 'spelled out' | 'always' | NamedHost

/** As `spelled out`; and the user wrote this host, as URLs have it, and so says that it may have any address. */
export interface NamedHost {
  readonly named: string
}

/**
 * Whether a host may have an address that is not public. `until public`: unless it has had a public one before, for
 * then it is a stranger who answers there, and chooses what his name stands for next.
 */
export type PrivateLeave = boolean | 'until public'

/**
 * Answers for the host of a URL, and of redirects from there. These are not the user's word: from a host that he named
 * they lead to no other private one.
 */
export function privateRule(url: URL, reach: PrivateReach): (hostname: string) => Promise<PrivateLeave> {
  if (typeof reach === 'string') return (hostname) => mayBePrivate(hostname, reach)
  return async (hostname) => {
    if (await isSpelledOut(url.hostname)) return await isSpelledOut(hostname)
    return hostname === url.hostname && hostname === reach.named && 'until public'
  }
}

/** What the user has said counts, if he has said anything. */
export function privateReach(allowPrivate: boolean | undefined, otherwise: PrivateReach): PrivateReach {
  if (allowPrivate === undefined) return otherwise
  return allowPrivate ? 'always' : 'never'
}

/** Whether this host, as a URL has it, may have an address that is not public. */
export async function mayBePrivate(hostname: string, reach: PrivateReach): Promise<boolean> {
  if (reach === 'always' || reach === 'never') return reach === 'always'
  return (reach !== 'spelled out' && reach.named === hostname.toLowerCase()) || (await isSpelledOut(hostname))
}

async function isSpelledOut(hostname: string): Promise<boolean> {
  if (LOCALHOST.test(hostname)) return true
  if (!ADDRESS.test(hostname)) return false
  const { addressKind } = await loadAddressKind()
  return addressKind(withoutBrackets(hostname)) !== 'public'
}

/** Names that stand for this machine by definition (RFC 6761). */
const LOCALHOST = /^(.+\.)?localhost\.?$/i
/** URLs bring every spelling of an IPv4 address into this form. */
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$|^\[.*\]$/

/** URLs write IPv6 addresses in brackets, sockets do not. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
