import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveLines } from '../../src/cli/live-lines.js'
import { Screen } from './screen.js'

test('lines are rewritten where they stand', () => {
  const screen = new Screen(40, 10)
  const lines = new LiveLines(screen)
  lines.draw(['one 10%', 'two 20%'])
  lines.draw(['one 11%', 'two 2%'])
  assert.equal(screen.text, 'one 11%\ntwo 2%')
  lines.draw(['two 3%'])
  assert.equal(screen.text, 'two 3%')
})

test('a frame is one write, and none when nothing has changed', () => {
  const screen = new Screen(40, 10)
  const lines = new LiveLines(screen)
  lines.draw(['one', 'two'])
  lines.draw(['one', 'two'])
  assert.equal(screen.writeCount, 1)
})

test('what is printed above stays, and may be longer than the terminal is wide', () => {
  const screen = new Screen(20, 10)
  const lines = new LiveLines(screen)
  lines.printAbove('before')
  lines.draw(['one', 'two'])
  lines.printAbove('x'.repeat(50))
  lines.draw(['one', 'two!'])
  assert.equal(screen.text, `before\n${'x'.repeat(50)}\none\ntwo!`)
  lines.clear()
  assert.equal(screen.text, `before\n${'x'.repeat(50)}`)
})

test('colours do not count as width', () => {
  const screen = new Screen(10, 10)
  const lines = new LiveLines(screen)
  lines.printAbove('above')
  lines.draw(['\u001b[32m123456789\u001b[39m', 'two'])
  lines.draw(['new'])
  assert.equal(screen.text, 'above\nnew')
})

test('a window that becomes narrower leaves no debris', () => {
  const screen = new Screen(60, 10)
  const lines = new LiveLines(screen)
  lines.printAbove('above')
  lines.draw(['a'.repeat(55), 'b'.repeat(59)])
  screen.columns = 20
  lines.draw(['a'.repeat(lines.width), 'b'.repeat(lines.width)])
  assert.equal(screen.text, `above\n${'a'.repeat(19)}\n${'b'.repeat(19)}`)
})

test('there are never more lines than the terminal is high', () => {
  const screen = new Screen(40, 5)
  const lines = new LiveLines(screen)
  lines.draw(Array.from({ length: 9 }, (_, at) => `line ${at}`))
  assert.equal(screen.text, 'line 0\nline 1\nline 2\nand 6 more')
  lines.draw(['line 0', 'line 1', 'line 2', 'line 3'])
  assert.equal(screen.text, 'line 0\nline 1\nline 2\nline 3')
})

test('a terminal that does not know its size has 80 columns', () => {
  assert.equal(new LiveLines({ write: () => true }).width, 79)
  assert.equal(new LiveLines({ columns: 0, write: () => true }).width, 79)
  assert.equal(new LiveLines({ columns: 1, write: () => true }).width, 1)
})
