import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile } from '../../scripts/floor-rules.js'

/** What the rules say of a file, as `line message`. */
function breaches(path: string, ...lines: string[]): string[] {
  return checkFile({ path, text: `${lines.join('\n')}\n` }).map(({ line, message }) => `${line} ${message}`)
}

test('a room may import its own folder and every lower floor', () => {
  assert.deepEqual(
    breaches(
      'src/peer/peer-session.ts',
      `import { connect } from 'node:net'`,
      `import { Handshake } from '../wire/handshake.js'`,
      `import type { Picker } from '../swarm/picker.js'`,
      `import { LIMITS } from '../config.js'`,
      `import { SendQueue } from './send-queue.js'`,
    ),
    [],
  )
})

test('an import from a higher floor is named with its line', () => {
  assert.deepEqual(
    breaches(
      'src/swarm/picker.ts',
      `import { a } from '../core/a.js'`,
      '',
      `import { t } from '../client/t.js'`,
    ),
    ['3 imports ../client/t.js: floor 2 may not import floor 4'],
  )
})

test('of the lower floors only net may connect, and it knows neither its neighbours nor who is above', () => {
  const imports = [`import { connect } from 'node:net'`, `import { Agent } from 'undici'`]
  assert.deepEqual(breaches('src/net/a.ts', ...imports), [])
  assert.equal(breaches('src/swarm/a.ts', ...imports).length, 2)
  assert.deepEqual(breaches('src/net/a.ts', `import { x } from '../swarm/x.js'`), [
    '1 imports ../swarm/x.js: net and swarm are neighbours on floor 2',
  ])
})

test('neighbours on one floor do not know each other', () => {
  assert.deepEqual(breaches('src/peer/a.ts', `import { x } from '../storage/x.js'`), [
    '1 imports ../storage/x.js: peer and storage are neighbours on floor 3',
  ])
  assert.deepEqual(breaches('src/cli/a.ts', `import { x } from '../index.js'`), [
    '1 imports ../index.js: cli and index.ts are neighbours on floor 5',
  ])
})

test('the rooms of floor 1 may read the config that lies beside them', () => {
  assert.deepEqual(breaches('src/metainfo/a.ts', `import { LIMITS } from '../config.js'`), [])
  assert.deepEqual(breaches('src/config.ts', `import { x } from './wire/x.js'`), [
    '1 imports ./wire/x.js: config.ts and wire are neighbours on floor 1',
  ])
  assert.deepEqual(breaches('src/core/a.ts', `import { LIMITS } from '../config.js'`), [
    '1 imports ../config.js: floor 0 may not import floor 1',
  ])
})

const upward = '../client/torrent.js'
for (const [form, text] of [
  ['a type import', `import type { T } from '${upward}'`],
  ['a default and named import', `import d, { T } from "${upward}"`],
  ['a namespace import', `import * as t from '${upward}'`],
  ['an import for its effects', `import '${upward}'`],
  ['a dynamic import', `const t = await import('${upward}')`],
  ['a type query', `let t: import('${upward}').T`],
  ['a re-export', `export { T } from '${upward}'`],
  ['a type re-export', `export type { T } from '${upward}'`],
  ['a star export', `export * from '${upward}'`],
  ['a named star export', `export * as t from '${upward}'`],
] as const) {
  test(`${form} counts as an import`, () => {
    assert.deepEqual(breaches('src/wire/a.ts', text), [`1 imports ${upward}: floor 1 may not import floor 4`])
  })
}

test('an import over several lines is found once', () => {
  assert.deepEqual(
    breaches(
      'src/wire/a.ts',
      'import {',
      '  a,',
      '  type B,',
      `} from '${upward}'`,
      `import { c } from './c.js'`,
    ),
    [`1 imports ${upward}: floor 1 may not import floor 4`],
  )
})

test('comments and prose are no imports', () => {
  assert.deepEqual(
    breaches('src/wire/a.ts', `// import { x } from '${upward}'`, `/* export * from '${upward}' */`),
    [],
  )
})

test('a folder without a floor is refused from both sides', () => {
  assert.deepEqual(breaches('src/misc/a.ts', `import { x } from '../core/x.js'`), [
    '1 imports ../core/x.js: src/misc has no floor',
  ])
  assert.deepEqual(breaches('src/client/a.ts', `import { x } from '../misc/x.js'`), [
    '1 imports ../misc/x.js: src/misc has no floor',
  ])
})

test('the program never imports its tests, benchmarks or scripts', () => {
  assert.deepEqual(breaches('src/client/a.ts', `import { x } from '../../bench/x.js'`), [
    '1 imports ../../bench/x.js: src/ may import from src/ only',
  ])
})

test('a worker imports core and the words of its tasks, and nothing else', () => {
  assert.deepEqual(
    breaches(
      'workers/w.ts',
      `import { SwarmfetchError } from '../src/core/errors.js'`,
      `import { ZEROS } from '../src/storage/piece-tasks.js'`,
      `import { LIMITS } from '../src/config.js'`,
    ),
    ['3 imports ../src/config.js: a worker may import core/ and storage/piece-tasks.ts only'],
  )
})

for (const module of ['node:fs', 'node:fs/promises', 'net', 'node:timers/promises', 'undici', 'piscina']) {
  test(`the pure floors do not import ${module}`, () => {
    const text = `import { x } from '${module}'`
    const message = `1 imports ${module}: floor 2 does no I/O and keeps no time`
    assert.deepEqual(breaches('src/swarm/a.ts', text), [message])
    assert.deepEqual(breaches('src/storage/a.ts', text), [])
  })
}

test('the pure floors may use streams, hashes and bencode', () => {
  assert.deepEqual(
    breaches('src/wire/a.ts', `import { Transform } from 'node:stream'`, `import b from 'bencode'`),
    [],
  )
})

for (const word of [
  'Date.now()',
  'Math.random()',
  'performance.now()',
  'new Date()',
  'process.hrtime.bigint()',
]) {
  test(`${word} appears in core/clock.ts only`, () => {
    const text = `const x = \`\${${word}}\``
    assert.equal(breaches('src/client/a.ts', text).length, 1)
    assert.deepEqual(breaches('src/core/clock.ts', text), [])
  })
}

test('a date made from a number reads no clock', () => {
  assert.deepEqual(breaches('src/cli/a.ts', 'const made = new Date(seconds * 1000)'), [])
})

test('timers belong above the pure floors', () => {
  const text = 'setTimeout(refill, 10)'
  const message = '1 uses setTimeout: floor 1 gets time and chance as arguments'
  assert.deepEqual(breaches('src/wire/a.ts', text), [message])
  assert.deepEqual(breaches('src/peer/a.ts', text), [])
})

test('words in comments and strings break nothing', () => {
  assert.deepEqual(
    breaches('src/wire/a.ts', '/** Unlike Date.now(), it never jumps. */', `const text = "don't setTimeout"`),
    [],
  )
})

test('a file of 300 lines passes and one more is too long', () => {
  const lines = Array.from({ length: 300 }, () => 'void 0')
  assert.deepEqual(breaches('test/core/a.test.ts', ...lines), [])
  assert.deepEqual(breaches('test/core/a.test.ts', ...lines, 'void 0'), [
    '301 has 301 lines: no file has more than 300',
  ])
})
