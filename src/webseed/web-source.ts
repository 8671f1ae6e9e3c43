/** What a web server has of a torrent: files (BEP 19) or pieces (BEP 17), and where it has them. */

/** What it hands out under one URL: a stretch of the byte space. */
export interface WebResource {
  /** The number of the file or of the piece. */
  readonly number: number
  /** Its first byte in the byte space, and the one after its last. */
  readonly begin: number
  readonly end: number
  /** No server has it: it is all zeros (BEP 47). */
  readonly isPadding: boolean
}

export interface WebPlace {
  readonly url: URL
  /** An earlier redirect led there. */
  readonly isRemembered: boolean
  /** The URL says which bytes are wanted, and the server knows nothing of ranges. */
  readonly isRangeInUrl: boolean
}

export interface WebSource {
  /** The resource that has this byte of the byte space. */
  resourceAt(offset: number): WebResource
  /** Where to ask for bytes of it, counted from its first. Undefined when no URL can name it. */
  placeOf(resource: WebResource, first: number, end: number): WebPlace | undefined
  /** A redirect has led to another place. */
  redirected(number: number, target: URL): void
  /** It is not there any more: links to mirrors expire. */
  forgetRedirects(number: number): void
  /** The first piece that cannot be had without it, and the one after the last. */
  piecesOf(number: number): { readonly first: number; readonly end: number }
}
