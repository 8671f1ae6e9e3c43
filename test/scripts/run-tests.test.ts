import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

/** A built project with one test that passes and one that fails, and a copy of the script. */
const project = mkdtempSync(join(tmpdir(), 'swarmfetch-run-tests-'))
after(() => rmSync(project, { recursive: true }))
for (const folder of ['scripts', 'test/room']) mkdirSync(join(project, folder), { recursive: true })
writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
writeFileSync(
  join(project, 'test/room/good.test.js'),
  `import { test } from 'node:test'\ntest('good', () => {})\n`,
)
writeFileSync(
  join(project, 'test/room/bad.test.js'),
  `import { test } from 'node:test'\ntest('bad', () => { throw new Error('on purpose') })\n`,
)
copyFileSync(
  join(import.meta.dirname, '..', '..', 'scripts', 'run-tests.js'),
  join(project, 'scripts', 'run-tests.js'),
)

function runTests(...patterns: string[]): { status: number | null; stdout: string; stderr: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const script = join('scripts', 'run-tests.js')
  return spawnSync(process.execPath, [script, ...patterns], { cwd: project, env, encoding: 'utf8' })
}

test('one failing test fails the run, and the closing lines count it', () => {
  const run = runTests()
  assert.equal(run.status, 1)
  assert.match(run.stdout, /tests 2\b[\s\S]*pass 1\b[\s\S]*fail 1\b/)
})

test('a pattern chooses the files whose path holds it', () => {
  const run = runTests('room/good')
  assert.equal(run.status, 0)
  assert.match(run.stdout, /tests 1\b[\s\S]*pass 1\b[\s\S]*fail 0\b/)
})

test('a pattern that matches nothing is a failure', () => {
  const run = runTests('goood')
  assert.equal(run.status, 1)
  assert.equal(run.stderr, 'no test matches goood\n')
})
