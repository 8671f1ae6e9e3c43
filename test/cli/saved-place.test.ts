import assert from 'node:assert/strict'
import { test } from 'node:test'
import { savedPlace } from '../../src/cli/saved-place.js'
import { sampleResult } from './sample-progress.js'

test('the place of one file is that file, of several the deepest folder that holds them all', () => {
  const cases: [string[], string][] = [
    [['/data/a.iso'], '/data/a.iso'],
    [['/data/x/a', '/data/x/b'], '/data/x'],
    [['/data/x/a', '/data/x/sub/b', '/data/x/c'], '/data/x'],
    [['/data/x/sub/a', '/data/x/sub2/b'], '/data/x'],
    [['/a', '/b'], '/'],
    [[], 'standard output'],
  ]
  for (const [files, place] of cases) assert.equal(savedPlace(sampleResult({ files })), place)
})
