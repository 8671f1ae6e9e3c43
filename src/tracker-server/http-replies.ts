/** The plain answers of the tracker's pages: texts, JSON, and why not. */
import type { ServerResponse } from 'node:http'

/** Nothing here is meant to run scripts, be framed, or be taken for another type. */
const SAFE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export function sendReply(response: ServerResponse, reply: Reply): void {
  const { status, type, body, headers } = reply
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const length = { 'Content-Type': type, 'Content-Length': bytes.length }
  response.writeHead(status, { ...SAFE_HEADERS, ...length, ...headers })
  response.end(bytes)
}

export function jsonReply(value: unknown, status = 200): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}

/** What programs get when it did not work; the codes are stable. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { ...jsonReply({ error: { code, message } }, status), headers }
}
