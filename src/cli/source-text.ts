/**
 * What a source is called where people read of it. Passkeys are part of many URLs, those of a link's trackers among
 * them, and belong in nobody's log.
 */
export function sourceText(source: string): string {
  if (source === '-') return 'standard input'
  if (/^https?:\/\//i.test(source) && URL.canParse(source)) return new URL(source).host
  if (!/^magnet:/i.test(source)) return source
  const said = source.replace(/^magnet:\?/i, '').split('&')
  return `magnet:?${said.filter((parameter) => /^(xt|dn)[.=]/i.test(parameter)).join('&')}`
}
