import { expect, test } from 'vitest';
import { SampledService, SampledWork } from '../../src/replay/sampled.js';
import { NOTHING, QUEUE } from '../support/calibration.js';

function draws<T>(n: number, of: () => T): T[] {
  return Array.from({ length: n }, of);
}

test('times are drawn from the recorded ones, all of them and no others', () => {
  const service = new SampledService({ ...NOTHING, wakes: [10, 20, 9_000].map((afterNs) => ({ asleepNs: 1, afterNs })), fetchNs: [3], completeNs: [2], interruptNs: [5], handlerNs: [40] }, 1);
  expect(new Set(draws(100, () => service.wakeNs(1)))).toEqual(new Set([10, 20, 9_000]));
  expect([service.fetchNs(), service.completeNs(), service.interruptNs(), service.handlerNs()]).toEqual([3, 2, 5, 40]);
});

test('a recorded gap that is negative (records out of order) counts as 0', () => {
  expect(new SampledService({ ...NOTHING, wakes: [{ asleepNs: 1, afterNs: -7 }] }, 1).wakeNs(1)).toBe(0);
});

test('a busy vCPU’s handler takes the idle one’s times where no own were recorded', () => {
  expect(new SampledService({ ...NOTHING, handlerNs: [40], busyHandlerNs: [8] }, 1).busyHandlerNs()).toBe(8);
  expect(new SampledService({ ...NOTHING, handlerNs: [40] }, 1).busyHandlerNs()).toBe(40);
});

test('steps that the recording never showed alone have typical values', () => {
  const service = new SampledService(NOTHING, 1);
  const all = [service.wakeNs(1), service.fetchNs(), service.backendNs(4), service.completeNs(), service.interruptNs(), service.handlerNs()];
  expect(all.every((ns) => ns > 0 && ns < 1_000_000)).toBe(true);
  expect(service.backendBatch(4)).toBe(4);
});

test('a backend batch is drawn among recorded ones with about as many commands in flight', () => {
  const backend = [
    { inFlight: 1, completed: 1, afterNs: 10 },
    { inFlight: 20, completed: 17, afterNs: 200 },
    { inFlight: 31, completed: 31, afterNs: 300 },
  ];
  const service = new SampledService({ ...NOTHING, backend }, 1);
  expect(new Set(draws(50, () => service.backendNs(1)))).toEqual(new Set([10]));
  expect(new Set(draws(50, () => service.backendNs(16)))).toEqual(new Set([200, 300]));
  // As many are left over as in the recording, whatever the number in flight.
  const batches = draws(50, () => [service.backendNs(16), service.backendBatch(16)].join());
  expect(new Set(batches)).toEqual(new Set([`200,${16 - (20 - 17)}`, '300,16']));
  // Nothing was seen with 1000 in flight: the nearest load stands in.
  expect(new Set(draws(50, () => service.backendNs(1000)))).toEqual(new Set([200, 300]));
});

test('a backend batch completes at least one command and at most all', () => {
  const service = new SampledService({ ...NOTHING, backend: [{ inFlight: 8, completed: 1, afterNs: 1 }] }, 1);
  service.backendNs(8);
  expect([service.backendBatch(3), service.backendBatch(20)]).toEqual([1, 20 - (8 - 1)]);
  expect(new SampledService(NOTHING, 1).backendBatch(7)).toBe(7);
});

test('how long a device takes to wake is drawn among recorded naps of about that length', () => {
  const wakes = [
    { asleepNs: 5_000, afterNs: 15 },
    { asleepNs: 60_000, afterNs: 28 },
    { asleepNs: Infinity, afterNs: 90 },
  ];
  const service = new SampledService({ ...NOTHING, wakes, kickNs: 7 }, 1);
  expect([6_000, 40_000, 1e12].map((ns) => service.wakeNs(ns))).toEqual([15, 28, 90]);
  expect([6_000, 40_000].map((ns) => service.kickNs(ns))).toEqual([0, 7]);
});

test('recorded batches are repeated in their order', () => {
  const work = new SampledWork(QUEUE, [], 1);
  expect(draws(5, () => work.nextBatch())).toEqual([3, 1, 2, 0, 0]);
  expect([work.window, work.startNs]).toEqual([4, 70]);
});

test('where not every batch is known they are drawn, until all commands are submitted', () => {
  const work = new SampledWork({ ...QUEUE, batchesComplete: false, commands: 50 }, [], 1);
  const batches: number[] = [];
  for (let batch = work.nextBatch(); batch > 0; batch = work.nextBatch()) batches.push(batch);
  expect(batches.reduce((sum, n) => sum + n, 0)).toBe(50);
  expect(batches.slice(0, -1).every((n) => QUEUE.batches.includes(n))).toBe(true);
});

test('where no batch is known, commands come one by one', () => {
  const work = new SampledWork({ ...QUEUE, batches: [], batchesComplete: false, commands: 3 }, [], 1);
  expect(draws(4, () => work.nextBatch())).toEqual([1, 1, 1, 0]);
});

test('a special command comes with its batch, and says whether it is waited for', () => {
  const work = new SampledWork(QUEUE, [0], 1);
  expect(draws(4, () => [work.nextBatch(), work.opcode, work.waits])).toEqual([
    [3, -1, false],
    [1, 0, true],
    [2, -1, false],
    [0, -1, false],
  ]);
});

test('think times are drawn from the recorded ones; one kind stands in for the other', () => {
  const work = new SampledWork(QUEUE, [], 1);
  expect(new Set(draws(50, () => work.thinkAfterSubmitNs()))).toEqual(new Set([6_000, 9_000]));
  expect(work.thinkAfterReapNs()).toBe(20_000);
  expect(new SampledWork({ ...QUEUE, thinkAfterSubmitNs: [] }, [], 1).thinkAfterSubmitNs()).toBe(20_000);
});

function take(place: number, seed: number): number[] {
  const work = new SampledWork({ ...QUEUE, place }, [], seed);
  return draws(30, () => work.thinkAfterSubmitNs());
}

test('the same seed draws the same, queues draw apart', () => {
  expect(take(0, 1)).toEqual(take(0, 1));
  expect(take(0, 1)).not.toEqual(take(1, 1));
  expect(take(0, 1)).not.toEqual(take(0, 2));
});

test('workers are drawn with the chances seen: at the first fetch of a pass, and after one that took the core or did not', () => {
  const many = (took: boolean): readonly boolean[] => Array.from({ length: 10_000 }, () => took);
  const workers = { shortFetchNs: [5], longFetchNs: [15], first: many(true), afterLong: many(false), afterShort: many(true), usualFirst: 1, stepsNs: 0, doneNs: [3], waiting: [] };
  const drawn = new SampledService({ ...NOTHING, workers }, 1).workers!;
  expect([true, false, false, false].map((first) => [drawn.fetchNs(first, 0), drawn.tookCore])).toEqual([[15, true], [5, false], [15, true], [5, false]]);
  expect(drawn.doneNs()).toBe(3);
});
