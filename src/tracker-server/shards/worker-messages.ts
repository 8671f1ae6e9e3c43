/** What the first process and a worker say to each other beside the post, where sockets can go along. */
import type { TrackerServerOptions } from '../tracker-options.js'
import type { SharedSecrets } from './shard.js'

/** With this number the worker finds its end of the post. */
export const POST_DESCRIPTOR = 4

export interface Setup {
  readonly kind: 'setup'
  readonly own: number
  readonly options: Omit<TrackerServerOptions, 'onNotice'>
  readonly secrets: SharedSecrets
  /** The clock of the first process. */
  readonly nowMs: number
  /** Info hashes in hex. */
  readonly catalogued: readonly string[]
}

export type ToWorker =
  | Setup
  /** With a socket: answer on it. */
  | { readonly kind: 'socket' }
  /** Those were all. */
  | { readonly kind: 'serve' }

export type FromWorker =
  /** It has its lists and its swarms. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'serving' }
  | { readonly kind: 'failed'; readonly message: string }
