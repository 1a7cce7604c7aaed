import { expect, test } from 'vitest';
import { assert, ensure, unreachable } from '../../src/base/assert.js';

test('a failed assertion says that it is our own fault', () => {
  expect(() => assert(false, 'two and two make five')).toThrow('internal error: two and two make five');
  expect(() => assert(true, 'unseen')).not.toThrow();
});

test('ensure passes every value but null and undefined', () => {
  expect([ensure(0, 'number'), ensure('', 'text'), ensure(false, 'flag')]).toEqual([0, '', false]);
  expect(() => ensure(null, 'queue')).toThrow('internal error: missing queue');
  expect(() => ensure(undefined, 'queue')).toThrow('internal error: missing queue');
});

test('unreachable names the value that came through', () => {
  expect(() => unreachable({ kind: 'new' } as never)).toThrow('internal error: unexpected {"kind":"new"}');
});
