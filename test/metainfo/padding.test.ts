import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPaddingPath, paddingPath } from '../../src/metainfo/padding.js'

test('padding is known by the names that its makers give', () => {
  assert.ok(isPaddingPath(['.pad', '2124']))
  assert.ok(isPaddingPath(['_____padding_file_0_if you see this file, please update']))
  assert.ok(isPaddingPath(['folder', '_____padding_file_12_x']))
  assert.ok(isPaddingPath(paddingPath(77)))
})

test('files that merely look like it are not padding', () => {
  for (const path of [
    ['.pad'],
    ['.pad', 'notes'],
    ['a', '.pad', '7'],
    ['.pad', '7', 'x'],
    ['my_____padding_file_'],
  ]) {
    assert.equal(isPaddingPath(path), false, path.join('/'))
  }
})
