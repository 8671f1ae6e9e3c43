import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BencodeError, type BencodeFault } from '../../../src/core/bencode/bencode-error.js'
import { encodeBencode } from '../../../src/core/bencode/encode-bencode.js'
import { expectNoMore, scanBencode } from '../../../src/core/bencode/scan-bencode.js'
import { bencodable } from './bencodable.js'

const LIMITS = { depth: 10, tokens: 1000 }

function fault(bytes: Uint8Array, limits = LIMITS): BencodeFault | undefined {
  try {
    scanBencode(bytes, limits)
    return undefined
  } catch (error) {
    assert.ok(error instanceof BencodeError)
    return error.code
  }
}

const WELL_FORMED = [
  'i0e',
  'i-1e',
  'i9007199254740993e',
  '0:',
  '3:abc',
  'le',
  'de',
  'lli1eed1:ale1:b0:ee',
  'd1:bi1e1:ai2ee',
  'd0:i1ee',
]

test('every well-formed value is accepted to its last byte', () => {
  for (const text of WELL_FORMED) {
    assert.equal(scanBencode(Buffer.from(text), LIMITS).end, text.length, text)
  }
})

test('the scan ends with the first value, whatever follows', () => {
  for (const text of WELL_FORMED) {
    assert.equal(scanBencode(Buffer.from(`${text}junk`), LIMITS).end, text.length, text)
  }
})

const MALFORMED = [
  ...['', 'e', 'x', ' i1e', '-1:a', ':', '1', '1x', '01:a', '00:', '5:abc', '99999999999999999999:a'],
  ...['i', 'ie', 'i-e', 'i-0e', 'i-01e', 'i01e', 'i00e', 'i1', 'i1.5e', 'i+1e', 'i 1e', 'i1x', 'i--1e'],
  ...['l', 'li1e', 'lx', 'd', 'd1:a', 'd1:ae', 'di1e1:ae', 'dle1:ae', 'd1:ai1e', 'd1:ai1e1:be'],
  ...['d1:ai1e1:ai2ee', 'd1:bi1e1:ai1e1:bi2ee', 'ld1:ci1e1:a0:1:c0:eee'],
  ...['d9:__proto__dee', 'd4:infod9:__proto__0:eee'],
]

test('nothing else is accepted', () => {
  for (const text of MALFORMED) assert.equal(fault(Buffer.from(text)), 'BAD_BENCODE', text)
})

test('a key that differs from another by its byte order mark only is refused', () => {
  const marked = Buffer.from('d4:info1:a7:\ufeffinfo1:be')
  assert.equal(fault(marked), 'BAD_BENCODE')
})

test('a hash for a key may begin with the bytes of a mark', () => {
  const hash = Buffer.concat([Buffer.from('\ufeff'), Buffer.alloc(17, 0xff)])
  assert.equal(fault(Buffer.concat([Buffer.from('d20:'), hash, Buffer.from('i1ee')])), undefined)
})

test('the same key in two dictionaries is no duplicate', () => {
  assert.equal(fault(Buffer.from('d1:bd1:bi1e1:ai1ee1:ad1:bi1e1:ai1eee')), undefined)
})

test('no value survives the loss of its end', () => {
  fc.assert(
    fc.property(bencodable(), (value) => {
      const bytes = encodeBencode(value)
      for (let end = 0; end < bytes.length; end++) {
        assert.equal(fault(bytes.subarray(0, end)), 'BAD_BENCODE')
      }
    }),
  )
})

test('nesting as deep as the limit is accepted and deeper is too large', () => {
  assert.equal(fault(Buffer.from('l'.repeat(10) + 'e'.repeat(10))), undefined)
  assert.equal(fault(Buffer.from('l'.repeat(11) + 'e'.repeat(11))), 'TOO_LARGE')
})

test('a million open lists overflow no stack', () => {
  const deep = Buffer.alloc(1_000_000, 'l')
  assert.equal(fault(deep), 'TOO_LARGE')
  assert.equal(fault(deep, { depth: 2_000_000, tokens: 2_000_000 }), 'BAD_BENCODE')
})

test('keys and values count as tokens, ends do not', () => {
  const dict = Buffer.from('d1:ali1ei2eee')
  assert.equal(fault(dict, { depth: 10, tokens: 5 }), undefined)
  assert.equal(fault(dict, { depth: 10, tokens: 4 }), 'TOO_LARGE')
})

test('the raw value of the wanted key is found wherever it stands', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['d4:infoi7ee', 'i7e'],
    ['d4:infod4:infoi1ee1:zi1ee', 'd4:infoi1ee'],
    ['d1:ad4:infoi1ee4:infol1:xee', 'l1:xe'],
    ['d4:info3:abc1:ai1ee', '3:abc'],
  ]
  for (const [text, expected] of cases) {
    const { wanted } = scanBencode(Buffer.from(text), LIMITS, 'info')
    assert.equal(text.slice(wanted?.start, wanted?.end), expected)
  }
})

test('a wanted key further in, or in no dictionary, is not found', () => {
  for (const text of ['d1:ad4:infoi1eee', 'ld4:infoi1eee', 'de', '4:info', 'd5:infoxi1ee']) {
    assert.equal(scanBencode(Buffer.from(text), LIMITS, 'info').wanted, undefined, text)
  }
})

test('only white space may follow where nothing is expected', () => {
  expectNoMore(Buffer.from('i1e'), 3)
  expectNoMore(Buffer.from('i1e \t\r\n'), 3)
  for (const text of ['i1ee', 'i1e\n0', 'i1e\0']) {
    assert.throws(() => expectNoMore(Buffer.from(text), 3), { code: 'BAD_BENCODE' })
  }
})
