/**
 * The bytes of a socket in, messages out: a Transform that is a thin skin over {@link FrameDecoder}, and
 * contains no rule of the protocol. What one read brought comes out as one array, so that the machinery of
 * streams costs nothing per block.
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
      const messages: Message[] = this.#decoder.push(bytes)
      if (messages.length > 0) this.push(messages)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}
