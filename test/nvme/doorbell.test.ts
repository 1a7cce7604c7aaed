import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DOORBELL_BASE,
  MAX_DSTRD,
  MAX_QID,
  doorbellAt,
  doorbellOffset,
  shadowOffset,
  strideBytes,
} from '../../src/nvme/doorbell.js';
import { holds } from '../support/property.js';

const dstrd = fc.nat(MAX_DSTRD);
const qid = fc.nat(MAX_QID);
const side = fc.constantFrom('sq' as const, 'cq' as const);

test('with stride 4 the doorbells stand one after the other from 1000h on', () => {
  expect([0, 1, 2].map((q) => [doorbellOffset(q, 'sq'), doorbellOffset(q, 'cq')])).toEqual([
    [0x1000, 0x1004],
    [0x1008, 0x100c],
    [0x1010, 0x1014],
  ]);
});

test('CAP.DSTRD spreads them: 4 << DSTRD bytes from one to the next', () => {
  for (let d = 0; d <= MAX_DSTRD; d++) {
    expect(strideBytes(d)).toBe(4 << d);
    expect(doorbellOffset(3, 'cq', d)).toBe(DOORBELL_BASE + (2 * 3 + 1) * (4 << d));
  }
});

test('address and (queue, side) lead to each other, for every stride', () => {
  holds(
    fc.property(qid, side, dstrd, (q, s, d) => {
      expect(doorbellAt(doorbellOffset(q, s, d), d)).toEqual({ qid: q, side: s });
    }),
  );
});

test('two doorbells never share an address', () => {
  holds(
    fc.property(qid, side, qid, side, dstrd, (q1, s1, q2, s2, d) => {
      expect(doorbellOffset(q1, s1, d) === doorbellOffset(q2, s2, d)).toBe(q1 === q2 && s1 === s2);
    }),
  );
});

test('between two doorbells, below the first and above the last there is none', () => {
  holds(
    fc.property(qid, side, dstrd, fc.nat(), (q, s, d, n) => {
      const inside = 1 + (n % (strideBytes(d) - 1));
      expect(doorbellAt(doorbellOffset(q, s, d) + inside, d)).toBeUndefined();
    }),
  );
  for (let d = 0; d <= MAX_DSTRD; d++) {
    expect(doorbellAt(DOORBELL_BASE - strideBytes(d), d)).toBeUndefined();
    expect(doorbellAt(doorbellOffset(MAX_QID, 'cq', d) + strideBytes(d), d)).toBeUndefined();
  }
});

test('the pages of Doorbell Buffer Config have the same layout without the 1000h', () => {
  holds(
    fc.property(qid, side, dstrd, (q, s, d) => {
      expect(shadowOffset(q, s, d)).toBe(doorbellOffset(q, s, d) - DOORBELL_BASE);
    }),
  );
});

test.each([-1, MAX_QID + 1, 0.5, NaN])('queue %s is refused', (q) => {
  expect(() => doorbellOffset(q, 'sq')).toThrow(`queue ${q} is outside 0..65535`);
});

test.each([-1, MAX_DSTRD + 1, 1.5, NaN])('CAP.DSTRD %s is refused', (d) => {
  expect(() => strideBytes(d)).toThrow(`CAP.DSTRD ${d} is outside 0..15`);
  expect(() => doorbellAt(DOORBELL_BASE, d)).toThrow(RangeError);
});
