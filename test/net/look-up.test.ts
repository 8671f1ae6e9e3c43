import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ForbiddenAddressError } from '../../src/core/forbidden-address.js'
import { lookUp, NO_ADDRESS, type Resolver } from '../../src/net/look-up.js'
import { answering } from './answering.js'

test('only public addresses are left, in the order in which they were found', async () => {
  const resolver = answering({ mixed: ['10.0.0.5', '1.1.1.1', '::1', '2606:4700::1111', 'fe80::1%eth0'] })
  const found = await lookUp('mixed', { mayBePrivate: false, resolver })
  assert.deepEqual(
    found.map(({ address }) => address),
    ['1.1.1.1', '2606:4700::1111'],
  )
  assert.equal((await lookUp('mixed', { mayBePrivate: true, resolver })).length, 5)
})

test('a name of private addresses only is refused, and the message says why and what helps', async () => {
  const resolver = answering({ 'nas.example': ['192.168.1.2', 'fd00::2'] })
  await assert.rejects(lookUp('nas.example', { mayBePrivate: false, resolver }), (error) => {
    assert.ok(error instanceof ForbiddenAddressError)
    assert.equal(error.code, 'FORBIDDEN_ADDRESS')
    assert.match(error.message, /nas\.example \(192\.168\.1\.2\) is a private address.*--allow-private/)
    return true
  })
})

test('addresses are judged without asking anybody, in brackets too', async () => {
  for (const host of ['127.0.0.1', '[::1]', '::ffff:10.0.0.1', '[fe80::1]']) {
    await assert.rejects(lookUp(host, { mayBePrivate: false }), { code: 'FORBIDDEN_ADDRESS' }, host)
    assert.equal((await lookUp(host, { mayBePrivate: true })).length, 1)
  }
  assert.deepEqual(await lookUp('[2606:4700::1111]', { mayBePrivate: false }), [
    { address: '2606:4700::1111', family: 6 },
  ])
})

test('a name without addresses, and one that cannot be looked up, fail with a code', async () => {
  const resolver = answering({ empty: [] })
  await assert.rejects(lookUp('empty', { mayBePrivate: true, resolver }), { code: NO_ADDRESS })
  await assert.rejects(lookUp('none', { mayBePrivate: true, resolver }), { code: 'ENOTFOUND' })
})

test('three names are looked up at once, the others one after another as these are done', async () => {
  const asked: (() => void)[] = []
  const resolver: Resolver = (_, __, done) => {
    asked.push(() => done(null, [{ address: '1.1.1.1', family: 4 }]))
  }
  const all = Promise.all(
    Array.from({ length: 50 }, (_, nth) => lookUp(`name${nth}`, { mayBePrivate: false, resolver })),
  )
  for (let answered = 0; answered < 50; answered++) {
    assert.equal(asked.length, Math.min(50, answered + 3))
    asked[answered]!()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal((await all).length, 50)
})

test('who has waited for long without a turn is told so, and others get theirs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const answers: (() => void)[] = []
  const resolver: Resolver = (_, __, done) => {
    answers.push(() => done(null, [{ address: '1.1.1.1', family: 4 }]))
  }
  const ask = (name: string) => lookUp(name, { mayBePrivate: false, resolver })
  const silent = [1, 2, 3].map((nth) => ask(`silent${nth}`))
  const late = assert.rejects(ask('late'), { code: 'EAI_AGAIN' })
  t.mock.timers.tick(10_000)
  const patient = ask('patient')
  assert.equal((await ask('9.9.9.9')).length, 1, 'addresses need no turn')
  t.mock.timers.tick(10_000)
  await late
  for (const answer of answers.splice(0)) answer()
  await Promise.all(silent)
  answers[0]!()
  assert.equal((await patient).length, 1)
  assert.equal(answers.length, 1)
})

test('of one family only those addresses count, and a name without any has none', async () => {
  const resolver = answering({ both: ['1.1.1.1', '2606:4700::1111'], old: ['1.1.1.1'] })
  const found = await lookUp('both', { mayBePrivate: false, family: 6, resolver })
  assert.deepEqual(found, [{ address: '2606:4700::1111', family: 6 }])
  await assert.rejects(lookUp('old', { mayBePrivate: false, family: 6, resolver }), { code: NO_ADDRESS })
})

test('who asks for a name that is being looked up gets the same answer, and afterwards it is asked for again', async () => {
  let askedCount = 0
  const resolver: Resolver = (_, __, done) => {
    askedCount++
    setImmediate(() => done(null, [{ address: '1.1.1.1', family: 4 }]))
  }
  const ask = () => lookUp('name', { mayBePrivate: false, resolver })
  await Promise.all([ask(), ask(), ask()])
  assert.equal(askedCount, 1)
  await ask()
  assert.equal(askedCount, 2)
})
