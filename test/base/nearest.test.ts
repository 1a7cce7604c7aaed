import { expect, test } from 'vitest';
import { namesToTry, nearestName } from '../../src/base/nearest.js';

const NAMES = ['off', 'follow-tail', 'follow-head', 'arm-when-empty', 'arm-when-full', 'ioeventfd'];

test.each([
  ['folow-tail', 'follow-tail'],
  ['follow-haed', 'follow-head'],
  ['arm-when-emtpy', 'arm-when-empty'],
  ['IOEVENTFD', 'ioeventfd'],
  ['of', 'off'],
])('%s was meant for %s', (given, meant) => {
  expect(nearestName(given, NAMES)).toBe(meant);
});

test.each(['', 'x', 'something-else', 'f'.repeat(1_000_000)])('nothing is near another text', (given) => {
  expect(nearestName(given, NAMES)).toBeUndefined();
});

test('a swap of neighbours is one step: it is nearer than two letters replaced', () => {
  expect(nearestName('abcd', ['bacd', 'xycd'])).toBe('bacd');
  expect(nearestName('abcd', ['xycd'])).toBeUndefined();
});

test('the nearest comes first, then all names once', () => {
  expect(namesToTry('follow-tial', ['follow-tail', 'never', 'never'], 'It takes')).toEqual(['follow-tail', 'It takes: follow-tail, never.']);
  expect(namesToTry('quite-another', ['never'], 'It takes')).toEqual(['It takes: never.']);
});
