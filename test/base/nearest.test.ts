// Misspelt names and what was meant.

import { expect, test } from 'vitest';
import { nearestName } from '../../src/base/nearest.js';

const NAMES = ['off', 'follow-tail', 'follow-head', 'never', 'look-ahead'];

test.each([
  ['folow-tail', 'follow-tail'],
  ['follow-haed', 'follow-head'],
  ['Look-Ahead', 'look-ahead'],
  ['look', 'look-ahead'],
  ['nevre', 'never'],
  ['of', 'off'],
])('%s: %s', (text, meant) => {
  expect(nearestName(text, NAMES)).toBe(meant);
});

test('nothing for what is like none, however long', () => {
  for (const text of ['', 'xyz', 'fo', 'look-behind', 'x'.repeat(1_000_000)]) expect(nearestName(text, NAMES), text.slice(0, 20)).toBeUndefined();
});
