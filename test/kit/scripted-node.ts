/** A node of the DHT for one test: it answers by a script, which may lie, and remembers what it heard. */
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { asDict, asList } from '../../src/core/bencode/bencode-fields.js'
import type { Bencodable, BencodeDict } from '../../src/core/bencode/bencode-value.js'
import { decodeBencode } from '../../src/core/bencode/decode-bencode.js'
import { encodeBencode } from '../../src/core/bencode/encode-bencode.js'
import type { PeerAddress } from '../../src/core/peer-address.js'
import { Inbox } from './inbox.js'

type Parts = { readonly [name: string]: Bencodable | undefined }

/** One packet as it arrived. Everybody knows where things are in it (BEP 5). */
export class HeardPacket {
  constructor(
    readonly dict: BencodeDict,
    readonly from: PeerAddress,
    readonly reply: (packet: Uint8Array) => void,
  ) {}

  /** What is asked; undefined for an answer. */
  get method(): string | undefined {
    return this.dict.get('q')?.toString()
  }

  get transaction(): Buffer {
    return this.dict.get('t') as Buffer
  }

  /** A part of a question, or of an answer. */
  part(name: string) {
    return (asDict(this.dict.get('a')) ?? asDict(this.dict.get('r')))?.get(name)
  }

  /** The first part of a refusal. */
  get refusal() {
    return asList(this.dict.get('e'))?.[0]
  }

  answer(parts: Parts): void {
    this.reply(encodeBencode({ t: this.transaction, y: 'r', r: parts }))
  }
}

export type NodeScript = (question: HeardPacket, node: ScriptedNode) => void

/** It is there, and knows nobody. */
export const answerPlainly: NodeScript = (question, { id }) => {
  question.answer({ id, nodes: Buffer.alloc(0), token: 'token' })
}

export class ScriptedNode {
  readonly id = randomBytes(20)
  readonly questions = new Inbox<HeardPacket>()
  readonly #socket: Socket
  /** By transaction id: who waits for the answer. */
  readonly #asked = new Map<string, (answer: HeardPacket) => void>()

  private constructor(socket: Socket, script: NodeScript) {
    this.#socket = socket
    socket.on('message', (bytes, { address: host, port }) => {
      const dict = asDict(decodeBencode(bytes, { depth: 10, tokens: 10_000 }))!
      const packet = new HeardPacket(dict, { host, port }, (answer) => this.send(answer, { host, port }))
      if (packet.method === undefined) return this.#asked.get(packet.transaction.toString('hex'))?.(packet)
      this.questions.put(packet)
      script(packet, this)
    })
  }

  /** The end of the test closes it. */
  static async listen(t: TestContext, script = answerPlainly, host = '127.0.0.1'): Promise<ScriptedNode> {
    const socket = createSocket('udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    t.after(() => socket.close())
    return new ScriptedNode(socket, script)
  }

  get address(): PeerAddress {
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  /** As other nodes tell of it. */
  get compact(): Buffer {
    return Buffer.concat([this.id, compactPeer(this.address)])
  }

  /** The methods that it was asked, in order. */
  get methods(): (string | undefined)[] {
    return this.questions.all.map(({ method }) => method)
  }

  send(bytes: Uint8Array, to: PeerAddress): void {
    this.#socket.send(bytes, to.port, to.host)
  }

  /** Resolves with the answer. `outside` are entries beside the question. */
  ask(to: PeerAddress, method: string, parts: Parts = {}, outside: Parts = {}): Promise<HeardPacket> {
    const t = randomBytes(4)
    return new Promise((resolve) => {
      this.#asked.set(t.toString('hex'), resolve)
      this.send(encodeBencode({ t, y: 'q', q: method, a: { id: this.id, ...parts }, ...outside }), to)
    })
  }

  /** Asks again until there is an answer, where packets get lost. */
  async insist(to: PeerAddress, method: string, parts: Parts = {}): Promise<HeardPacket> {
    const answers = []
    for (;;) {
      answers.push(this.ask(to, method, parts))
      const answer = await Promise.race([...answers, delay(100, undefined)])
      if (answer !== undefined) return answer
    }
  }
}

export function compactPeer({ host, port }: PeerAddress): Buffer {
  return Buffer.from([...host.split('.').map(Number), port >> 8, port & 255])
}
