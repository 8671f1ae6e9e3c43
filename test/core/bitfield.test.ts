import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../src/core/bitfield.js'

test('it holds what was set and not cleared again', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('set', 'clear'), fc.integer({ min: -2, max: 42 })))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), steps, (size, changes) => {
      const field = new Bitfield(size)
      const model = new Set<number>()
      for (const [change, index] of changes) {
        if (change === 'set') {
          assert.equal(field.set(index), index >= 0 && index < size && !model.has(index))
          if (index >= 0 && index < size) model.add(index)
        } else {
          assert.equal(field.clear(index), model.delete(index))
        }
      }
      for (let index = -9; index < size + 9; index++) assert.equal(field.has(index), model.has(index))
      assert.equal(field.count, model.size)
      assert.equal(field.isFull, model.size === size)
    }),
  )
})

test('the high bit of the first byte is piece 0', () => {
  const field = new Bitfield(10)
  field.set(0)
  field.set(9)
  assert.deepEqual([...field.bytes], [0x80, 0x40])
})

test('the wire form comes back as the same set, for every size and pattern up to two bytes', () => {
  for (let size = 0; size <= 16; size++) {
    for (let pattern = 0; pattern < 2 ** size; pattern++) {
      const field = new Bitfield(size)
      for (let index = 0; index < size; index++) if ((pattern >> index) & 1) field.set(index)
      const copy = Bitfield.fromWire(field.bytes, size)
      assert.equal(copy?.count, field.count)
      assert.deepEqual(copy?.bytes, field.bytes)
    }
  }
})

test('a body of the wrong length or with spare bits set is refused', () => {
  assert.equal(Bitfield.fromWire(Uint8Array.of(0), 9), undefined)
  assert.equal(Bitfield.fromWire(Uint8Array.of(0, 0, 0), 9), undefined)
  for (let size = 1; size <= 24; size++) {
    for (let spare = size; spare < Math.ceil(size / 8) * 8; spare++) {
      const body = new Uint8Array(Math.ceil(size / 8))
      body[spare >> 3]! |= 0x80 >> (spare & 7)
      assert.equal(Bitfield.fromWire(body, size), undefined, `size ${size}, spare bit ${spare}`)
    }
  }
})

test('setting all leaves the spare bits clear', () => {
  for (let size = 0; size <= 24; size++) {
    const field = new Bitfield(size)
    field.setAll()
    assert.ok(field.isFull)
    assert.notEqual(Bitfield.fromWire(field.bytes, size), undefined)
  }
})

test('the set does not change with the body it was made from', () => {
  const body = Uint8Array.of(0xf0)
  const field = Bitfield.fromWire(body, 8)!
  body.fill(0)
  assert.equal(field.count, 4)
  assert.ok(field.has(0))
})
