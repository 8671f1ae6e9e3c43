import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'check-floors.js')
const project = mkdtempSync(join(tmpdir(), 'swarmfetch-floors-'))
after(() => rmSync(project, { recursive: true }))
for (const folder of ['src/wire', 'workers', 'bench', 'scripts', 'test']) {
  mkdirSync(join(project, folder), { recursive: true })
}

function check(): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, project], { encoding: 'utf8' })
}

test('a project without a single source file fails, since something else must be wrong', () => {
  assert.equal(check().status, 1)
})

test('a clean project passes, and a breach fails with its file and line', () => {
  writeFileSync(join(project, 'src/wire/frame.ts'), `import { x } from '../core/x.js'\n`)
  assert.deepEqual([check().status, check().stdout], [0, 'floors: 1 files, 0 violations\n'])

  writeFileSync(join(project, 'src/wire/frame.ts'), `\nimport { x } from '../peer/x.js'\n`)
  const broken = check()
  assert.equal(broken.status, 1)
  assert.equal(broken.stderr, 'src/wire/frame.ts:2 imports ../peer/x.js: floor 1 may not import floor 3\n')
})
