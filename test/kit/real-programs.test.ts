import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { needs } from './real-programs.js'

const { PATH, SWARMFETCH_REQUIRE_ALL } = process.env
after(() => setEnvironment(PATH, SWARMFETCH_REQUIRE_ALL))
beforeEach(() => setEnvironment('', undefined))

function setEnvironment(path: string | undefined, requireAll: string | undefined): void {
  if (path !== undefined) process.env.PATH = path
  if (requireAll === undefined) delete process.env.SWARMFETCH_REQUIRE_ALL
  else process.env.SWARMFETCH_REQUIRE_ALL = requireAll
}

test('nothing needed is nothing missing', () => {
  assert.equal(needs(), false)
})

test('a missing program is a reason to skip', () => {
  assert.match(String(needs('aria2c', 'mktorrent')), /: aria2c, mktorrent$/)
})

test('a missing program is a failure where nothing may be skipped', () => {
  setEnvironment('', '1')
  assert.throws(() => needs('aria2c'), /: aria2c \(SWARMFETCH_REQUIRE_ALL is set\)$/)
})
