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
export type PrivateReach = 'never' | 'spelled out' | 'always'

/**
 * `given`: the user named this URL by itself, and so says that its host may have any address. Redirects are not the
 * user's word: from a name they lead to no other private host.
 */
export type UrlReach = PrivateReach | 'given'

/** Answers whether the host of a URL, or of a redirect from there, may have an address that is not public. */
export function privateRule(url: URL, reach: UrlReach): (hostname: string) => Promise<boolean> {
  if (reach !== 'given') return (hostname) => mayBePrivate(hostname, reach)
  return async (hostname) => {
    if (hostname === url.hostname) return true
    return (await mayBePrivate(url.hostname, 'spelled out')) && (await mayBePrivate(hostname, 'spelled out'))
  }
}

/** What the user has said, if anything, and whether what names the hosts came from somewhere on the internet. */
export interface ReachQuestion {
  readonly allowPrivate: boolean | undefined
  readonly isFromPublic: boolean
}

/** A user who hands over a .torrent or a link vouches for what is written in it; a public server does not. */
export function privateReach({ allowPrivate, isFromPublic }: ReachQuestion): PrivateReach {
  if (allowPrivate !== undefined) return allowPrivate ? 'always' : 'never'
  return isFromPublic ? 'never' : 'spelled out'
}

/** Whether this host, as a URL has it, may have an address that is not public. */
export async function mayBePrivate(hostname: string, reach: PrivateReach): Promise<boolean> {
  if (reach !== 'spelled out') return reach === 'always'
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
