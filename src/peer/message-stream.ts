/**
 * The bytes of a socket in, messages out: a Transform that is a thin skin over {@link FrameDecoder}, and
 * contains no rule of the protocol.
 *
 * With a listener on `data` every byte has been consumed when `write` returns, so that what is written may
 * be a view of a buffer that the next read overwrites.
 */
import { Transform, type TransformCallback } from 'node:stream'
import { FrameDecoder } from '../wire/frame-decoder.js'
import type { Message } from '../wire/messages.js'

/** More than one read of a socket: `write` then never asks its caller to wait for what is already done. */
const WRITABLE_BYTES = 1024 * 1024

export class MessageStream extends Transform {
  readonly #decoder: FrameDecoder

  constructor(maxBodyBytes: number) {
    super({ readableObjectMode: true, writableHighWaterMark: WRITABLE_BYTES })
    this.#decoder = new FrameDecoder(maxBodyBytes)
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (const message of this.#decoder.push(bytes)) this.push(message satisfies Message)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}
