import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { shorten, textWidth, toColumn, toPlainText } from '../../src/cli/terminal-text.js'

test('nothing that moves a cursor, changes a colour or turns the reading direction survives', () => {
  assert.equal(toPlainText('a\u001b[31mb\u001b]0;title\u0007c'), 'a[31mb]0;titlec')
  assert.equal(toPlainText('photo\u202egpj.exe'), 'photogpj.exe')
  assert.equal(toPlainText('\u009b2Jx\u0000y\u007f\u200bz\ufeff'), '2Jxyz')
  assert.equal(toPlainText('lone \ud800 surrogate'), 'lone  surrogate')
})

test('several lines become one', () => {
  assert.equal(toPlainText('one\r\ntwo\u2028three\tfour\n'), 'one two three four ')
})

test('plain text has no control character, whatever came in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(toPlainText(text), /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
    }),
  )
})

test('honest names of any script stay as they are', () => {
  for (const name of ['Größe.iso', 'データ', 'файл', '🙂.png', 'é', 'a  b']) {
    assert.equal(toPlainText(name), name)
  }
})

test('a width counts wide characters twice and combining ones not at all', () => {
  assert.equal(textWidth('abc'), 3)
  assert.equal(textWidth('Größe'), 5)
  assert.equal(textWidth('e\u0301'), 1)
  assert.equal(textWidth('データ'), 6)
  assert.equal(textWidth('🙂'), 2)
  assert.equal(textWidth('a…'), 2)
})

test('a text is shortened only when it does not fit, and then ends in an ellipsis', () => {
  assert.equal(shorten('payload', 7), 'payload')
  assert.equal(shorten('payload', 6), 'paylo…')
  assert.equal(shorten('データデータ', 5), 'デー…')
  assert.equal(shorten('payload', 1), '…')
  assert.equal(shorten('payload', 0), '')
})

test('a shortened text never takes more than its width, and a column takes exactly that', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      assert.ok(textWidth(shorten(text, width)) <= width)
      assert.equal(textWidth(toColumn(text, width)), width)
    }),
  )
})
