import { expect, test } from 'vitest';
import { cautionsOf } from '../../src/app/cautions.js';
import type { ReplayResult } from '../../src/app/replay.js';

function result(source: ReplayResult['baseline']['source']): Pick<ReplayResult, 'baseline' | 'predicted'> {
  const cq = { low: 1234.4, median: 2000, high: 3456.7 };
  return { baseline: { mmio: { sq: 1, cq: 1, total: 2 }, source }, predicted: { mmioInterval: { sq: cq, cq, total: cq } } as ReplayResult['predicted'] };
}

test('from a recording with shadow doorbells on to off: the count of CQ writes is uncertain, and its interval is named', () => {
  const [caution, ...more] = cautionsOf('off', result('replayed with shadow doorbells off'));
  expect(caution).toContain('1,234 to 3,457 writes of the CQ head');
  expect(more).toEqual([]);
});

test('otherwise there is nothing to say', () => {
  expect(cautionsOf('on', result('replayed with shadow doorbells off'))).toEqual([]);
  expect(cautionsOf('on', result('recorded'))).toEqual([]);
  expect(cautionsOf('off', result('recorded'))).toEqual([]);
});
