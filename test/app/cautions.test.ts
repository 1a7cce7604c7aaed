import { expect, test } from 'vitest';
import { cautionsOf, idlePolicyCautions, shortCautions } from '../../src/app/cautions.js';
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

test('a policy that was asked for and has nothing to do', () => {
  const asked = { device: 'qemu', policy: 'look-ahead:k=4', cq_policy: 'follow-head' };
  expect(idlePolicyCautions({ ...asked, shadow: 'on' })).toEqual([]);
  expect(idlePolicyCautions({ ...asked, shadow: 'off' })).toEqual([expect.stringMatching(/^Shadow doorbells are off in this prediction, so that look-ahead:k=4 had nothing to do/)]);
  expect(idlePolicyCautions({ ...asked, policy: 'follow-tail', shadow: 'off' })).toEqual([]);
});

test('a recording of a few commands', () => {
  expect(shortCautions(100)).toEqual([]);
  expect(shortCautions(3)).toEqual([expect.stringMatching(/^Only 3 commands were recorded/)]);
});
