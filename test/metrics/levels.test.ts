import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LevelMeter } from '../../src/metrics/levels.js';
import { holds } from '../support/property.js';

test('levels are weighted by the time that they held', () => {
  const meter = new LevelMeter();
  for (const [timeNs, level] of [[10, 1], [20, 3], [80, 7]] as const) meter.change(timeNs, level);
  // 0 for 10 ns, 1 for 10 ns, 3 for 60 ns, 7 for 20 ns.
  expect(meter.summary(100)).toEqual({ mean: (1 * 10 + 3 * 60 + 7 * 20) / 100, p50: 3, p99: 7, max: 7 });
});

test('nothing happened: nothing was there', () => {
  expect(new LevelMeter().summary(0)).toEqual({ mean: 0, p50: 0, p99: 0, max: 0 });
  expect(new LevelMeter().summary(50)).toEqual({ mean: 0, p50: 0, p99: 0, max: 0 });
});

test('a level that was only passed through counts for the maximum alone', () => {
  const meter = new LevelMeter();
  meter.change(10, 500);
  meter.change(10, 2);
  expect(meter.summary(20)).toEqual({ mean: 1, p50: 0, p99: 2, max: 500 });
});

test('mean and quantiles are those of the list of nanoseconds', () => {
  const change = fc.record({ forNs: fc.nat(50), level: fc.nat(200) });
  holds(
    fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), (changes) => {
      const meter = new LevelMeter();
      const each: number[] = [];
      let nowNs = 0;
      for (const { forNs, level } of changes) {
        meter.change(nowNs, level);
        each.push(...Array.from({ length: forNs }, () => level));
        nowNs += forNs;
      }
      fc.pre(nowNs > 0);
      const { mean, p50, p99 } = meter.summary(nowNs);
      const sorted = each.toSorted((a, b) => a - b);
      expect(mean).toBeCloseTo(each.reduce((a, b) => a + b, 0) / nowNs, 9);
      for (const [share, found] of [[0.5, p50], [0.99, p99]] as const) expect(found).toBe(sorted[Math.max(Math.ceil(share * nowNs - 1e-9) - 1, 0)]);
    }),
    300,
  );
});
