import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesField, dictField, integerField, listField } from '../../../src/core/bencode/bencode-fields.js'
import type { BencodeValue } from '../../../src/core/bencode/bencode-value.js'

const dict = new Map<string, BencodeValue>([
  ['integer', 7],
  ['unsafe', 2 ** 60],
  ['bytes', Buffer.from('x')],
  ['list', [1]],
  ['dict', new Map()],
])

test('a field is given when it is of the kind that was asked for', () => {
  assert.equal(integerField(dict, 'integer'), 7)
  assert.deepEqual(bytesField(dict, 'bytes'), Buffer.from('x'))
  assert.deepEqual(listField(dict, 'list'), [1])
  assert.deepEqual(dictField(dict, 'dict'), new Map())
})

test('a field that is absent or of another kind is undefined', () => {
  const readers = { integer: integerField, bytes: bytesField, list: listField, dict: dictField }
  for (const [kind, read] of Object.entries(readers)) {
    for (const key of [...dict.keys(), 'absent'].filter((other) => other !== kind)) {
      assert.equal(read(dict, key), undefined, `${kind} of ${key}`)
    }
  }
})
