import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printable, textDecoderFor } from '../../src/metainfo/decode-text.js'

test('UTF-8 is read as UTF-8, whatever encoding is claimed', () => {
  for (const label of [undefined, 'GBK', 'nonsense']) {
    assert.equal(textDecoderFor(label)(Buffer.from('東京 é 😀')), '東京 é 😀')
  }
})

test('bytes that are not UTF-8 are read in the encoding that the torrent names', () => {
  assert.equal(textDecoderFor('GBK')(Buffer.from('b1b1bea9', 'hex')), '北京')
  assert.equal(textDecoderFor('shift_jis')(Buffer.from('938c', 'hex')), '東')
})

test('without a usable encoding every byte stands for a character of its own', () => {
  for (const label of [undefined, 'UTF-8', 'nonsense', 'latin1', 'windows-1252']) {
    assert.equal(textDecoderFor(label)(Buffer.from('66696c65802e666f6fff', 'hex')), 'file€.fooÿ', label)
  }
})

test('overlong forms and surrogates are not UTF-8', () => {
  const decode = textDecoderFor(undefined)
  assert.equal(decode(Buffer.from('c0ae', 'hex')), 'À®')
  assert.equal(decode(Buffer.from('c0af', 'hex')), 'À¯')
  assert.equal(decode(Buffer.from('eda080', 'hex')), 'í\u00a0€')
})

test('all bytes give some text', () => {
  const labels = fc.constantFrom(undefined, 'GBK', 'utf-16le', 'iso-2022-jp', 'replacement', '\0')
  fc.assert(
    fc.property(fc.uint8Array(), labels, (bytes, label) => {
      assert.equal(textDecoderFor(label)(bytes).length > 0, bytes.length > 0)
    }),
  )
})

test('printable text keeps its lines and loses what a terminal would obey', () => {
  assert.equal(printable('a\n\tb\x1b[31m\x9b1m\u202ec\r\0'), 'a\n\tb[31m1mc')
})
