/** What one process of a tracker can ask of another. */
export const VERBS = [
  /** An announce by HTTP, for one of its swarms: the answer. */
  'announce',
  /** The counts of some of its swarms. */
  'count',
  /** The info hashes of all its swarms. */
  'list',
  'stats',
  /** Read the lists of torrents again. */
  'reload',
  /** A torrent came into the catalogue, or left it. */
  'catalogued',
  /** A page, of the first process. */
  'page',
  /** Stop answering. */
  'pause',
  /** The next batch of its part of a snapshot; empty after the last. */
  'snapshot',
] as const

export type Verb = (typeof VERBS)[number]
