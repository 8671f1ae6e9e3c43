/**
 * Bytes of a .torrent to text. BEP 3 wants UTF-8; old makers wrote in the code page of their machine, and some
 * said so in the field `encoding`. No bytes are refused, and different bytes seldom become the same text.
 */
import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type TextDecode = (bytes: Uint8Array) => string

/** UTF-8 where it is valid, else the named encoding where that is valid, else Windows-1252. */
export function textDecoderFor(encoding: string | undefined): TextDecode {
  const legacy = strictDecoder(encoding)
  return (bytes) => {
    if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
    return (legacy && tryDecode(legacy, bytes)) ?? decodeWindows1252(bytes)
  }
}

/** For people to read: no control characters that a terminal would obey, no marks that turn its direction. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}]/gu, '')
}

/** Undefined for a label that nobody knows, and for those that come down to Windows-1252. */
function strictDecoder(label: string | undefined): TextDecoder | undefined {
  if (label === undefined) return undefined
  try {
    const decoder = new TextDecoder(label, { fatal: true })
    return decoder.encoding === 'windows-1252' ? undefined : decoder
  } catch {
    return undefined
  }
}

function tryDecode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Gives every byte a character of its own. Not by TextDecoder: some versions of Node leave out the upper 32. */
function decodeWindows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.replace(/[\x80-\x9f]/g, (character) => UPPER_CONTROLS[character.charCodeAt(0) - 0x80]!)
}

/** What Windows-1252 has where Latin-1 has control characters, from 0x80 on. */
const UPPER_CONTROLS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
