import { expect, test } from 'vitest';
import { inCyclicInterval, ringNeeded, ringNeededInclusive } from '../../src/nvme/notify.js';

// [NVMe-2.0] B.5 and Linux nvme_dbbuf_need_event: typical rows on a ring of 1024 entries.
test.each([
  { e: 0, next: 1, old: 0, rings: true, why: 'the first command after zeroed memory' },
  { e: 0, next: 2, old: 1, rings: false, why: 'the device has not advanced EventIdx' },
  { e: 5, next: 7, old: 5, rings: true, why: 'a batch of 2 passes EventIdx' },
  { e: 4, next: 6, old: 5, rings: false, why: 'EventIdx is behind' },
  { e: 6, next: 7, old: 5, rings: true, why: 'EventIdx is inside the batch' },
  { e: 1023, next: 0, old: 1023, rings: true, why: 'wrap' },
  { e: 1022, next: 0, old: 1023, rings: false, why: 'wrap, EventIdx behind' },
  { e: 1023, next: 1, old: 1022, rings: true, why: 'a batch across the wrap' },
  { e: 700, next: 700, old: 700, rings: false, why: 'a repeated value never rings' },
  { e: 699, next: 1, old: 700, rings: false, why: 'stale memory after a reset' },
  { e: 700, next: 1, old: 700, rings: true, why: 'the same, the device had caught up' },
  { e: 0x1234, next: 5, old: 4, rings: false, why: 'EventIdx outside the ring' },
])('EventIdx $e, $old -> $next: ring $rings ($why)', ({ e, next, old, rings }) => {
  expect(ringNeeded(e, next, old)).toBe(rings);
});

test('an EventIdx outside the ring rings once per lap: when the tail wraps', () => {
  const depth = 8;
  const rings = Array.from({ length: depth }, (_, old) => ringNeeded(0xffff, (old + 1) % depth, old));
  expect(rings).toEqual([false, false, false, false, false, false, false, true]);
});

/** Every (EventIdx, old, new) of every depth 2 .. 128, not only of powers of two. */
const DEEPEST = 128;
const CASES = ((DEEPEST * (DEEPEST + 1)) / 2) ** 2 - 1; // sum of depth^3, without depth 1

type Decision = (eventIdx: number, next: number, old: number, depth: number) => boolean;

/** Counts the cases in which two decisions differ. */
function compare(a: Decision, b: Decision): { cases: number; differences: number } {
  let cases = 0;
  let differences = 0;
  for (let depth = 2; depth <= DEEPEST; depth++) {
    for (let old = 0; old < depth; old++) {
      for (let next = 0; next < depth; next++) {
        for (let e = 0; e < depth; e++) {
          cases += 1;
          if (a(e, next, old, depth) !== b(e, next, old, depth)) differences += 1;
        }
      }
    }
  }
  return { cases, differences };
}

const inside: Decision = (e, next, old, depth) => inCyclicInterval(e, old, next, depth);
const insideOrEqual: Decision = (e, next, old, depth) => e === next || inside(e, next, old, depth);

test('the predicate modulo 2^16 is membership in [old, new) on the ring, for every case of every depth 2..128', () => {
  expect(compare(ringNeeded, inside)).toEqual({ cases: CASES, differences: 0 });
});

test('the inclusive predicate rings for EventIdx = new too, and for nothing else, for every case of every depth 2..128', () => {
  expect(compare(ringNeededInclusive, insideOrEqual)).toEqual({ cases: CASES, differences: 0 });
});

test('the cyclic interval itself, by walking from old to new', () => {
  let wrong = 0;
  for (let depth = 2; depth <= 24; depth++) {
    for (let old = 0; old < depth; old++) {
      for (let next = 0; next < depth; next++) {
        const walked = new Set<number>();
        for (let at = old; at !== next; at = (at + 1) % depth) walked.add(at);
        // One beyond the ring is inside no interval.
        for (let e = 0; e <= depth; e++) if (inCyclicInterval(e, old, next, depth) !== walked.has(e)) wrong += 1;
      }
    }
  }
  expect(wrong).toBe(0);
});
