import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayBePrivate, privateReach, privateRule } from '../../src/core/private-reach.js'

/** As it comes out of a URL. */
function hostOf(spelling: string): string {
  return new URL(`http://${spelling}:80/`).hostname
}

const SPELLINGS_OF_HERE = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '１２７.0.0.1'],
  ...['[::1]', '[0:0::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::7f00:1]', '[64:ff9b::7f00:1]'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'tracker.localhost', '%6cocalhost'],
]
const OTHER_PRIVATE = ['10.0.0.5', '192.168.1.1', '169.254.169.254', '0.0.0.0', '0', '[fe80::1]', '[fd00::1]']
const PUBLIC_OR_NAMES = [
  '1.1.1.1',
  '[2606:4700::1111]',
  'tracker.example',
  'localhost.example',
  'intranet',
  '127-0-0-1.example',
]

test('what spells a private address may be private where spelling counts, however it is spelled', async () => {
  for (const spelling of [...SPELLINGS_OF_HERE, ...OTHER_PRIVATE]) {
    assert.equal(await mayBePrivate(hostOf(spelling), 'spelled out'), true, spelling)
  }
})

test('names and public addresses may not, where only spelling counts', async () => {
  for (const spelling of PUBLIC_OR_NAMES) {
    assert.equal(await mayBePrivate(hostOf(spelling), 'spelled out'), false, spelling)
  }
})

test('always is always, and never is never', async () => {
  for (const spelling of [...SPELLINGS_OF_HERE, ...OTHER_PRIVATE, ...PUBLIC_OR_NAMES]) {
    assert.equal(await mayBePrivate(hostOf(spelling), 'always'), true)
    assert.equal(await mayBePrivate(hostOf(spelling), 'never'), false)
  }
})

test('every spelling of a loopback address that a URL takes is known', async () => {
  const number = (value: number, base: number) =>
    base === 16 ? `0x${value.toString(16)}` : base === 8 ? `0${value.toString(8)}` : String(value)
  const bases = fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2 ** 24 - 1),
      bases,
      fc.integer({ min: 1, max: 4 }),
      async (rest, base, parts) => {
        const bytes = [127, rest >> 16, (rest >> 8) & 255, rest & 255]
        const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0)
        const numbers = [...bytes.slice(0, parts - 1), last]
        const spelling = numbers.map((value, at) => number(value, base[at]!)).join('.')
        assert.equal(await mayBePrivate(hostOf(spelling), 'spelled out'), true, spelling)
      },
    ),
  )
})

test('what the user has said to allow counts, and otherwise where the URLs came from', () => {
  for (const otherwise of ['never', 'spelled out', { named: 'files.example' }] as const) {
    assert.equal(privateReach(true, otherwise), 'always')
    assert.equal(privateReach(false, otherwise), 'never')
    assert.equal(privateReach(undefined, otherwise), otherwise)
  }
})

test('a host that the user names may be anywhere, but no name sends us on to private hosts', async () => {
  const reach = { named: 'files.example' }
  const named = privateRule(new URL('https://FILES.example:1/x'), reach)
  assert.equal(await named('files.example'), 'until public')
  for (const host of ['127.0.0.1', 'localhost', 'other.example']) assert.equal(await named(host), false, host)
  const spelled = privateRule(new URL('http://192.168.1.5/x'), reach)
  for (const host of ['192.168.1.5', '192.168.1.6', 'localhost'])
    assert.equal(await spelled(host), true, host)
  for (const host of ['other.example', 'files.example']) assert.equal(await spelled(host), false, host)
  const other = privateRule(new URL('http://other.example/'), reach)
  for (const host of ['other.example', 'files.example', '10.0.0.1'])
    assert.equal(await other(host), false, host)
  assert.equal(await privateRule(new URL('http://10.0.0.1/'), 'never')('10.0.0.1'), false)
  assert.equal(await mayBePrivate('Files.Example', reach), true)
})
