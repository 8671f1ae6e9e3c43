/**
 * Makes one path component of a .torrent harmless on any system: what comes out is one name, never a path, a
 * parent, a drive, a device or a file of ours. Separators and invisible characters vanish; what cannot be in
 * a name becomes `_`. Characters that Windows alone forbids stay elsewhere, so that data from other clients
 * keeps its names.
 */
import { LIMITS } from '../config.js'
import { fitName } from './fit-name.js'

/** Undefined when nothing of it is left, as of `..` or `/`. */
export function cleanName(raw: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const visible = raw.replace(SEPARATOR_OR_INVISIBLE, '').replace(UNPRINTABLE, '_').replace(DRIVE, '$1_')
  const legal = platform === 'win32' ? visible.replace(WINDOWS_FORBIDDEN, '_') : visible
  const fitted = fitName(legal.replace(TRAILING_DOTS_OR_SPACES, ''), LIMITS.nameBytes)
  if (fitted === '') return undefined
  return isDevice(fitted) || isState(fitted) ? fitName(`_${fitted}`, LIMITS.nameBytes) : fitted
}

/** Windows opens a device for these whatever their extension, and ignores spaces before the dot. */
function isDevice(name: string): boolean {
  return DEVICE.test(name.split('.', 1)[0]!.trimEnd())
}

/**
 * Beside the data, under such a name, lies what the next run is to believe of a torrent (storage/resume-file.ts), or
 * pieces of it (storage/file-map.ts): no other torrent is to write there. Some file systems fold more than the case of
 * ASCII.
 */
function isState(name: string): boolean {
  return name.startsWith('.') && STATE.test(name.normalize('NFKC').toUpperCase().toLowerCase())
}

/** Format characters (Cf) hide, join or turn the text around them. */
const SEPARATOR_OR_INVISIBLE = /[/\\\p{Cf}]/gu
/** Control characters, line and paragraph separators, halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu
const DRIVE = /^([a-z]):/i
const WINDOWS_FORBIDDEN = /[<>:"|?*]/g
const TRAILING_DOTS_OR_SPACES = /[. ]+$/
const STATE = /^\.[0-9a-f]{40}\.(resume|torrent|parts)(\.tmp)?$/
const DEVICE = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i
