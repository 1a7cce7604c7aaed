import { expect, test } from 'vitest';
import { freeName, nameCandidates } from '../../src/app/trace-name.js';

function firstFour(path: string): string[] {
  const names: string[] = [];
  for (const name of nameCandidates(path)) {
    names.push(name);
    if (names.length === 4) break;
  }
  return names;
}

test.each([
  ['captures/randread32-off-1.qemu.log.gz', ['randread32-off-1', 'randread32-off-1.qemu', 'randread32-off-1-2', 'randread32-off-1-3']],
  ['a.log', ['a', 'a-2', 'a-3', 'a-4']],
  ['qemu7.2-all.qemu.log.gz', ['qemu7.2-all', 'qemu7.2-all.qemu', 'qemu7.2-all-2', 'qemu7.2-all-3']],
  ['a', ['a', 'a-2', 'a-3', 'a-4']],
  ['.hidden.log', ['.hidden', '.hidden-2', '.hidden-3', '.hidden-4']],
  ['a..log', ['a', 'a-2', 'a-3', 'a-4']],
  ['...', ['...', '...-2', '...-3', '...-4']],
  ['-', ['stdin', 'stdin-2', 'stdin-3', 'stdin-4']],
])('%s', (path, names) => {
  expect(firstFour(path)).toEqual(names);
});

test('the first name that is free is taken', () => {
  const taken = new Set(['a', 'a.qemu', 'a-2']);
  expect(freeName('a.qemu.log', (name) => taken.has(name))).toBe('a-3');
  expect(freeName('b.qemu.log', (name) => taken.has(name))).toBe('b');
});
