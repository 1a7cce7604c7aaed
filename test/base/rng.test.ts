import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { holds } from '../support/property.js';

function take(rng: Rng, n: number): number[] {
  return Array.from({ length: n }, () => rng.uint32());
}

// Committed: a stored run is repeated by its seed, so the sequences must never change.
test('the sequences of seed 1', () => {
  expect(take(new Rng(1), 6)).toEqual([759_259_933, 1_113_267_868, 3_655_314_441, 779_079_102, 1_236_798_146, 3_021_131_007]);
  expect(take(new Rng(1, 'host'), 4)).toEqual([3_064_280_774, 874_526_595, 3_609_992_312, 156_955_301]);
});

test('the same seed and stream give the same numbers, another seed or stream gives others', () => {
  holds(
    fc.property(fc.nat(1_000_000), fc.string({ maxLength: 8 }), (seed, stream) => {
      const numbers = take(new Rng(seed, stream), 8);
      expect(take(new Rng(seed, stream), 8)).toEqual(numbers);
      expect(take(new Rng(seed + 1, stream), 8)).not.toEqual(numbers);
      expect(take(new Rng(seed, `${stream}.`), 8)).not.toEqual(numbers);
    }),
  );
});

test('drawing from one stream does not move another', () => {
  const alone = take(new Rng(7, 'service'), 10);
  const host = new Rng(7, 'host');
  const service = new Rng(7, 'service');
  const between = Array.from({ length: 10 }, () => {
    take(host, 3);
    return service.uint32();
  });
  expect(between).toEqual(alone);
});

const N = 64_000;

test('numbers spread evenly over [0, 1)', () => {
  const rng = new Rng(3, 'uniformity');
  const bins = new Float64Array(64);
  for (let i = 0; i < N; i++) bins[Math.floor(rng.unit() * bins.length)]! += 1;
  const expected = N / bins.length;
  const chiSquare = bins.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  // 63 degrees of freedom: 99.9 % of fair generators stay below 103.4, and 99.9 % stay above 32.5.
  expect(chiSquare).toBeLessThan(103.4);
  expect(chiSquare).toBeGreaterThan(32.5);
});

test.each([
  ['seeds that follow one another', new Rng(1), new Rng(2)],
  ['streams whose names differ in one character', new Rng(1, 'work 0'), new Rng(1, 'work 1')],
])('no correlation between %s', (_, a, b) => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += (a.unit() - 0.5) * (b.unit() - 0.5);
  const correlation = sum / N / (1 / 12);
  // Its standard deviation is 1 / sqrt(N); four of them.
  expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(N));
});

test('below(n) gives each of 0 .. n - 1 and nothing else', () => {
  const rng = new Rng(5);
  const seen = new Set(Array.from({ length: 1000 }, () => rng.below(7)));
  expect(seen).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  expect(rng.below(1)).toBe(0);
});
