import { describe, expect, test } from 'vitest';
import { WorkerReader, chancesOf } from '../../src/replay/calibrate-workers.js';

const [SHORT, LONG, DONE, WAIT, TURN] = [4_000, 11_000, 3_000, 40_000, 4_000] as const;
const APART = 1_000_000;

/** Reads passes: for each, whether each fetch but the last was long, whether the last was, and what completes first. */
function read(passes: readonly { readonly gaps: readonly boolean[]; readonly last: boolean; readonly completed: number; readonly cutNs?: number }[]): WorkerReader {
  const reader = new WorkerReader();
  passes.forEach(({ gaps, last, completed, cutNs }, i) => {
    let timeNs = i * APART;
    reader.fetch(timeNs, { behind: false, idle: true });
    for (const long of gaps) {
      timeNs += long ? LONG : SHORT;
      reader.fetch(timeNs, { behind: true, idle: false });
    }
    const done = last || gaps.includes(true);
    reader.completed(timeNs + (cutNs ?? (last ? LONG : SHORT) + (done ? DONE : WAIT)), cutNs === undefined ? completed : 0);
  });
  return reader;
}

const LONG_PASS = { gaps: [true, true, true], last: true, completed: 4 };
const SHORT_PASS = { gaps: [false, false, false], last: false, completed: 4 };
const MIXED = { gaps: [true, false, false], last: false, completed: 1 };

test('the modes of fetches, and what follows them', () => {
  const twice = <T>(list: readonly T[]): readonly T[] => [...list, ...list];
  const times = read(twice([LONG_PASS, SHORT_PASS, LONG_PASS, SHORT_PASS, MIXED])).result(TURN)!;
  expect(times.shortFetchNs).toEqual(Array.from({ length: 2 * (3 + 3 + 2) }, () => SHORT));
  expect(times.longFetchNs).toEqual(Array.from({ length: 2 * (3 + 3 + 1) }, () => LONG));
  expect(times.first).toEqual(twice([true, false, true, false, true]));
  expect(times.afterLong).toEqual(twice([true, true, true, true, false]));
  expect(times.afterShort).toEqual(twice([false, false, false, false, false]));
  expect(times.doneNs).toEqual(twice([DONE, DONE, DONE]));
  expect(times.waiting).toEqual(twice([1, 2]).map(() => ({ inFlight: 4, completed: 4, afterNs: WAIT })));
});

test('a wait that something came into was longer than what was seen of it', () => {
  const cut = { ...SHORT_PASS, cutNs: SHORT + WAIT / 2 };
  const times = read([LONG_PASS, SHORT_PASS, LONG_PASS, cut]).result(TURN)!;
  expect(times.waiting.map(({ afterNs }) => afterNs)).toEqual([WAIT, WAIT]);
});

test('chances are drawn towards what is usual where few fetches were seen, and are the shares where many were', () => {
  const few = chancesOf({ first: [true], afterLong: [], afterShort: [], usualFirst: 0.5, shortFetchNs: [], longFetchNs: [], stepsNs: 0, doneNs: [], waiting: [] });
  expect(few.first).toBeGreaterThan(0.5);
  expect(few.first).toBeLessThan(0.6);
  const first = Array.from({ length: 100_000 }, (_, i) => i % 4 === 0);
  expect(chancesOf({ first, afterLong: [], afterShort: [], usualFirst: 0.9, shortFetchNs: [], longFetchNs: [], stepsNs: 0, doneNs: [], waiting: [] }).first).toBeCloseTo(0.25, 3);
});

describe('the chance that a worker takes the core again', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => i % 10 !== 0);
  const times = { first: [], afterLong: many, afterShort: [], usualFirst: 0.5, shortFetchNs: [3_000], longFetchNs: [11_000], stepsNs: 0, doneNs: [], waiting: [] };

  test('is the share seen where the loop does no more than in the recording', () => {
    expect(chancesOf(times).afterLong(0)).toBeCloseTo(0.9, 3);
    expect(chancesOf({ ...times, stepsNs: 2_700 }).afterLong(2_700)).toBeCloseTo(0.9, 3);
  });

  test('grows with what the loop does in between, up to certainty when it has as much to do as the worker', () => {
    // Of 11 us the worker has 8, 5 more than the loop.
    expect(chancesOf(times).afterLong(2_500)).toBeCloseTo(0.95, 3);
    for (const stepsNs of [5_000, 9_000]) expect(chancesOf(times).afterLong(stepsNs)).toBe(1);
  });

  test('counts from what the loop did in the recording', () => {
    expect(chancesOf({ ...times, stepsNs: 2_500 }).afterLong(3_750)).toBeCloseTo(0.95, 3);
    expect(chancesOf({ ...times, stepsNs: 6_000 }).afterLong(7_000)).toBe(1);
  });
});

test('what the device spent on shadow doorbells is taken out of both kinds of fetches', () => {
  const plain = read([LONG_PASS, SHORT_PASS, LONG_PASS]).result(TURN)!;
  const times = read([LONG_PASS, SHORT_PASS, LONG_PASS]).result(TURN, 1_000)!;
  expect(times.stepsNs).toBe(1_000);
  expect(times.shortFetchNs).toEqual(plain.shortFetchNs.map((ns) => ns - 1_000));
  expect(times.longFetchNs).toEqual(plain.longFetchNs.map((ns) => ns - 1_000));
});

test('fetches of one kind show no workers', () => {
  expect(read(Array.from({ length: 10 }, () => SHORT_PASS)).result(TURN)).toBeUndefined();
  expect(new WorkerReader().result(TURN)).toBeUndefined();
});
