// Submissions that moved the tail together, taken apart by their usual size.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Jump, submissionsIn } from '../../src/replay/batches.js';

const alone = (commands: number): Jump => ({ commands, alone: true });
const together = (commands: number): Jump => ({ commands, alone: false });
const many = (n: number, jump: Jump): readonly Jump[] => Array.from({ length: n }, () => jump);

test('a jump of several times the usual size is so many submissions, in its place', () => {
  const found = submissionsIn([...many(9, alone(8)), together(24), together(8), alone(8), together(11)])!;
  expect(found.batches).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 3]);
  expect(found.inferred).toBe(3 + 2);
});

test('what was seen alone stays what it was, however large', () => {
  const found = submissionsIn([...many(10, alone(8)), alone(32), together(3)])!;
  expect(found.batches.slice(10)).toEqual([32, 3]);
  expect(found.inferred).toBe(0);
});

test('without a usual size nothing can be told', () => {
  expect(submissionsIn([])).toBeUndefined();
  expect(submissionsIn(many(9, alone(8)))).toBeUndefined();
  expect(submissionsIn(many(100, together(8)))).toBeUndefined();
  expect(submissionsIn([...many(7, alone(8)), ...many(3, alone(4))])).toBeUndefined();
  expect(submissionsIn([...many(8, alone(8)), ...many(2, alone(4))])).toBeDefined();
});

test('no command is lost or made', () => {
  const jump = fc.record({ commands: fc.integer({ min: 1, max: 100 }), alone: fc.boolean() });
  const usual = fc.integer({ min: 1, max: 16 }).map((size) => many(400, alone(size)));
  fc.assert(fc.property(usual, fc.array(jump, { maxLength: 50 }), (known, others) => {
    const jumps = [...others, ...known];
    const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
    const { batches, inferred } = submissionsIn(jumps)!;
    expect(sum(batches)).toBe(sum(jumps.map(({ commands }) => commands)));
    expect(Math.min(...batches)).toBeGreaterThan(0);
    expect(inferred).toBeLessThanOrEqual(batches.length);
  }));
});
