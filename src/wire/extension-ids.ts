/** The extensions that we speak (BEP 10), each with the id under which peers are to send it to us. */
export const EXTENSION_IDS = {
  /** Metadata from peers (BEP 9). */
  ut_metadata: 1,
  /** A piece is lost (BEP 54). */
  lt_donthave: 2,
  /** Peer exchange (BEP 11). */
  ut_pex: 3,
} as const

export type ExtensionName = keyof typeof EXTENSION_IDS

/** The ids of one side, by the names of extensions that we know. */
export type ExtensionIds = ReadonlyMap<ExtensionName, number>
