// The verdict table of ten device programs by four barrier settings, cell by cell, and the document that shows it.
// `npx vitest run test/verify/table.test.ts -u` writes docs/verify.md anew.

import { expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { verifyDocument } from '../../src/app/verify-document.js';
import { BARRIER_SETTINGS, verdictTable } from '../../src/verify/table.js';
import type { Exploration } from '../../src/verify/explore.js';
import { DEFAULT_BOUNDS, type Question, verify } from '../../src/verify/verify.js';
import { refute } from '../support/interpreter/confirm.js';

const BOTH_NEEDED = ['safe', 'lost-wakeup', 'lost-wakeup', 'lost-wakeup'];
const NEVER_SAFE = ['lost-wakeup', 'lost-wakeup', 'lost-wakeup', 'lost-wakeup'];
const ALWAYS_SAFE = ['safe', 'safe', 'safe', 'safe'];

const SOUND = ['follow-tail', 'follow-head', 'arm-when-empty-always', 'arm-when-empty', 're-arm', 'half-depth-park'];
const FAULTY = ['half-depth-asleep', 'trail-by-one-asleep', 'publish-no-reread', 'reread-before-publish'];

const expected = (sound: readonly string[]): [string, readonly string[]][] => [
  ...SOUND.map((name): [string, readonly string[]] => [name, sound]),
  ...FAULTY.map((name): [string, readonly string[]] => [name, NEVER_SAFE]),
];

test('the columns', () => {
  expect(BARRIER_SETTINGS.map(({ name, driverBarrier, deviceBarrier }) => [name, driverBarrier, deviceBarrier])).toEqual([
    ['both barriers', 'full', 'full'],
    ['device barrier missing', 'full', 'none'],
    ['driver barrier missing', 'none', 'full'],
    ['both missing', 'none', 'none'],
  ]);
});

test.each([
  ['tso', 'linux-batched', BOTH_NEEDED],
  ['tso', 'linux-per-command', BOTH_NEEDED],
  ['sc', 'linux-batched', ALWAYS_SAFE],
  ['arm', 'linux-per-command', BOTH_NEEDED],
] as const)('under %s with %s', (memory, name, sound) => {
  const rows = verdictTable(DRIVERS.find((driver) => driver.name === name)!, memory, DEFAULT_BOUNDS);
  expect(rows.map(({ policy, cells }) => [policy.name, cells.map(({ verdict }) => verdict)])).toEqual(expected(sound));
  const cells = rows.flatMap((row) => row.cells);
  for (const { verdict, states, path } of cells) {
    expect(states).toBeLessThan(DEFAULT_BOUNDS.maxStates);
    expect(path.length > 0).toBe(verdict !== 'safe');
  }
  // Every failure is there with two commands: the first one always rings.
  for (const { path } of cells) expect(path.filter(({ action }) => action === 'add').length).toBeLessThanOrEqual(2);
});

test('docs/verify.md shows what the code computes, and an interpreter of its own confirms each counterexample in it', async () => {
  const answered: [Question, Exploration][] = [];
  const document = verifyDocument((question) => {
    const exploration = verify(question);
    answered.push([question, exploration]);
    return exploration;
  });
  await expect(document).toMatchFileSnapshot('../../docs/verify.md');
  const found = answered.filter(([, { verdict }]) => verdict !== 'safe');
  for (const [question, exploration] of found) expect(refute(question, exploration), `${question.policy.name}, ${question.driver.name}, ${question.memory}`).toBeUndefined();
  expect(found.length).toBe(document.match(/\*\*, \d+, \d+ steps/g)!.length);
});
