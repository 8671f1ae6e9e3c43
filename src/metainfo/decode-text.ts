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
    return (legacy && tryDecode(legacy, bytes)) ?? WINDOWS_1252.decode(bytes)
  }
}

/** For people to read: no control characters that a terminal would obey, no marks that turn its direction. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}]/gu, '')
}

/** Undefined for a label that nobody knows. */
function strictDecoder(label: string | undefined): TextDecoder | undefined {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label, { fatal: true })
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

/** Gives every byte a character of its own. */
const WINDOWS_1252 = new TextDecoder('windows-1252')
