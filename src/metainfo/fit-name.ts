/** A name in two parts: what tells it apart and what kind it is. The extension has its dot, or is empty. */
export interface NameParts {
  readonly stem: string
  readonly extension: string
}

/** A dot at the start begins no extension, nor does one with a long tail: that is a sentence. */
export function splitName(name: string): NameParts {
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || Buffer.byteLength(name.slice(dot)) > EXTENSION_BYTES) return { stem: name, extension: '' }
  return { stem: name.slice(0, dot), extension: name.slice(dot) }
}

/** Cuts the name to so many bytes of UTF-8, between characters, and keeps its extension. */
export function fitName(name: string, limitBytes: number): string {
  if (Buffer.byteLength(name) <= limitBytes) return name
  const { stem, extension } = splitName(name)
  return cutText(stem, limitBytes - Buffer.byteLength(extension)) + extension
}

/** The longest start of the text that takes no more bytes of UTF-8. It ends in no space or dot. */
export function cutText(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limitBytes) return text
  let end = limitBytes
  while (isContinuation(bytes[end]!)) end--
  return bytes.toString('utf8', 0, end).replace(/[. ]+$/, '')
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

const EXTENSION_BYTES = 32
