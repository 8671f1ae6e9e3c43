/** The types of the library, as programs that use it find them beside its modules. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const MODULES = join(import.meta.dirname, '../src')
const PACKAGES = join(import.meta.dirname, '../../node_modules')

/** Whatever the declarations import that is neither ours nor Node's. */
function importedPackages(): Set<string> {
  const files = readdirSync(MODULES, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.d.ts'),
  )
  const texts = files.map((path) => readFileSync(join(MODULES, path), 'utf8'))
  const imports = texts.flatMap((text) => [...text.matchAll(/^(?:import|export) .*from '([^'.][^']*)'/gm)])
  return new Set(imports.map(([, name]) => name!).filter((name) => !name.startsWith('node:')))
}

test('they name only packages that bring types of their own', () => {
  const packages = importedPackages()
  assert.ok(packages.has('undici'))
  for (const name of packages) {
    const { types } = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')) as {
      types?: string
    }
    assert.equal(typeof types, 'string', name)
  }
})
