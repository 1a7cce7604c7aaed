// A core that comes and goes.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { SpareCore } from '../../src/model/spare-core.js';

function core(share: number, seed: number): SpareCore {
  const rng = new Rng(seed, 'test');
  return new SpareCore(share, () => rng.unit());
}

const NS = 1_000_000;

test('is there for its share of the time', () => {
  for (const share of [0.1, 0.5, 0.9]) {
    let there = 0;
    const n = 100_000;
    const one = core(share, 1);
    for (let i = 0; i < n; i++) there += Number(one.isThere(i * NS));
    // 100 s are some 5,000 stretches of each kind.
    expect(Math.abs(there / n - share)).toBeLessThan(0.02);
  }
});

test('at a share of 0 it is never there, at 1 always', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [never, always] = [core(0, seed), core(1, seed)];
    for (const ns of [0, NS, 1e9, 1e12]) expect([never.isThere(ns), always.isThere(ns)]).toEqual([false, true]);
  }
});

test('what is asked in between changes nothing', () => {
  fc.assert(fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.nat(), fc.array(fc.nat(200), { minLength: 1 }), (share, seed, times) => {
    const asked = times.toSorted((a, b) => a - b).map((ms) => ms * NS);
    const [often, once] = [core(share, seed), core(share, seed)];
    const answers = asked.map((ns) => often.isThere(ns));
    expect(once.isThere(asked.at(-1)!)).toBe(answers.at(-1));
  }));
});
