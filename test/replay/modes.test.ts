import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { modesOf } from '../../src/replay/modes.js';

const N = 2_000;

function drawn(of: (rng: Rng) => number): readonly number[] {
  const rng = new Rng(1, 'modes');
  return Array.from({ length: N }, () => of(rng));
}

describe('two modes', () => {
  test('are found between two heaps, tails or not', () => {
    const heaps = drawn((rng) => (rng.unit() < 0.4 ? 4 + 2 * rng.unit() : 11 + 3 * rng.unit()));
    const tail = [60, 75, 200, 1_000];
    for (const durations of [heaps, [...heaps, ...tail]]) {
      const modes = modesOf(durations)!;
      expect(modes.apart).toBe(true);
      expect(modes.longFrom).toBeGreaterThan(6);
      expect(modes.longFrom).toBeLessThan(11.1);
    }
  });

  test.each([
    ['normal', (rng: Rng): number => 20 + Array.from({ length: 12 }, () => rng.unit()).reduce((a, b) => a + b, -6)],
    ['exponential', (rng: Rng): number => -Math.log(1 - rng.unit())],
  ])('are not seen in a distribution that is %s', (_, of) => {
    expect(modesOf(drawn(of))!.apart).toBe(false);
  });

  test('need enough durations that differ', () => {
    expect(modesOf([1, 2, 3])).toBeUndefined();
    expect(modesOf(Array.from({ length: 100 }, () => 7))).toBeUndefined();
  });
});
