/**
 * What is needed of undici, loaded at the first HTTP request and file by file: the whole of it takes 54 ms in the place
 * of 17, and puts its own dispatcher under the `fetch` of the program that embeds us. The files are not undici's public
 * names, so package.json pins its version, and a test compares them.
 */
import { createRequire } from 'node:module'
import type { Agent, buildConnector, Dispatcher } from 'undici'

export interface Undici {
  readonly Agent: typeof Agent
  readonly buildConnector: typeof buildConnector
  readonly request: (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
}

const require = createRequire(import.meta.url)

export function loadUndici(): Undici {
  return {
    Agent: require('undici/lib/dispatcher/agent.js'),
    buildConnector: require('undici/lib/core/connect.js'),
    request: require('undici/lib/api/api-request.js'),
  }
}
