import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { BLOCKS, meanMargin, quantileOrders, ratioMargin, totalMargin } from '../../src/metrics/blocks.js';
import { compareMeasured, crosses, parseThreshold, type Delta, type Measured } from '../../src/metrics/compare.js';

function measured(value: number, low: number | null = value, high: number | null = value): Measured {
  return { metric: 'm', unit: 'count', value, low, high };
}

function delta(a: Measured, b: Measured): Delta {
  return compareMeasured([a], [b])[0]!;
}

describe('compareMeasured', () => {
  it('adds the errors of both sides as squares', () => {
    // Down by 3 of A's upper margin and 4 of B's lower one, up by 5 of A's lower one and 12 of B's upper one.
    expect(delta(measured(100, 95, 103), measured(150, 146, 162))).toMatchObject({ difference: 50, relative: 0.5, low: 50 - 5, high: 50 + 13, verdict: 'more' });
  });

  it.each([
    [measured(10), measured(10), 'same'],
    [measured(10, 5, 15), measured(12, 8, 15), 'no difference beyond noise'],
    [measured(10, 9, 11), measured(5, 4, 6), 'less'],
    [measured(10, null, null), measured(5, 4, 6), 'unknown noise'],
    [measured(0), measured(5, 4, 6), 'more'],
  ])('%o against %o: %s', (a, b, verdict) => {
    expect(delta(a, b).verdict).toBe(verdict);
  });

  it('leaves out what one side lacks or cannot say', () => {
    expect(compareMeasured([measured(1), { ...measured(1), metric: 'n' }], [measured(NaN)])).toEqual([]);
  });
});

describe('thresholds', () => {
  it('are read, or not', () => {
    expect(parseThreshold(' mmio.total > +5% ')).toEqual({ text: 'mmio.total > +5%', metric: 'mmio.total', comparison: '>', limit: 0.05, isRelative: true });
    expect(parseThreshold('latency.p99>=1000')).toMatchObject({ limit: 1000, isRelative: false });
    for (const text of ['mmio.total', 'mmio.total > ', 'mmio.total = 5', 'mmio total > 5', '> 5%']) expect(parseThreshold(text)).toBeUndefined();
  });

  it.each([
    ['m > +50%', false],
    ['m >= +50%', true],
    ['m > 49', true],
    ['m < 0', false],
    ['m <= 50', true],
  ])('%s on 100 against 150: %s', (text, expected) => {
    expect(crosses(parseThreshold(text)!, delta(measured(100), measured(150)))).toBe(expected);
  });

  it('take any difference from nothing as infinite', () => {
    const grown = delta(measured(0), measured(1));
    expect([crosses(parseThreshold('m > 1000%')!, grown), crosses(parseThreshold('m < 0%')!, grown)]).toEqual([true, false]);
    expect(crosses(parseThreshold('m > 0%')!, delta(measured(0), measured(0)))).toBe(false);
  });
});

describe('blocks', () => {
  it('give no margin where nothing varies', () => {
    const even = Array.from({ length: BLOCKS }, () => 7);
    expect([totalMargin(even), meanMargin(even), ratioMargin(even, even)]).toEqual([0, 0, 0]);
  });

  it('hold the true total in about 90 % of the cases', () => {
    const rng = new Rng(1, 'blocks');
    const covered = Array.from({ length: 1000 }, () => {
      // Each block counts 100 tosses of a fair coin: 1,000 heads are expected in all.
      const parts = Array.from({ length: BLOCKS }, () => Array.from({ length: 100 }, () => rng.below(2)).reduce((sum, toss) => sum + toss, 0));
      const total = parts.reduce((sum, part) => sum + part, 0);
      return Math.abs(total - 1000) <= totalMargin(parts) && Math.abs(total / 2000 - 0.5) <= ratioMargin(parts, parts.map(() => 100));
    }).filter(Boolean).length;
    expect(covered).toBeGreaterThan(860);
    expect(covered).toBeLessThan(940);
  });

  it('give the orders of a quantile', () => {
    const [low, high] = quantileOrders(0.5, 100);
    expect([low, high].map((order) => Number(order.toFixed(3)))).toEqual([0.418, 0.582]);
    expect(quantileOrders(0.999, 10)).toEqual([expect.closeTo(0.983, 2), 1]);
  });
});
