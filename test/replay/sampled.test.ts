import { expect, test } from 'vitest';
import type { Calibration, QueueCalibration } from '../../src/replay/calibrate.js';
import { SampledService, SampledWork } from '../../src/replay/sampled.js';

const NOTHING: Calibration = {
  queues: [],
  wakeNs: [],
  fetchNs: [],
  backend: [],
  completeNs: [],
  interruptNs: [],
  handlerNs: [],
  busyHandlerNs: [],
  idleWakes: 0,
  overlap: 0,
  mmio: { sq: 0, cq: 0 },
};

const QUEUE: QueueCalibration = {
  place: 0,
  batches: [3, 1, 2],
  batchesComplete: true,
  commands: 3 + 1 + 2,
  window: 4,
  startNs: 70,
  thinkAfterSubmitNs: [6_000, 9_000],
  thinkAfterReapNs: [20_000],
};

function draws(n: number, of: () => number): number[] {
  return Array.from({ length: n }, of);
}

test('times are drawn from the recorded ones, all of them and no others', () => {
  const service = new SampledService({ ...NOTHING, wakeNs: [10, 20, 9_000], fetchNs: [3], completeNs: [2], interruptNs: [5], handlerNs: [40] }, 1);
  expect(new Set(draws(100, () => service.wakeNs()))).toEqual(new Set([10, 20, 9_000]));
  expect([service.fetchNs(), service.completeNs(), service.interruptNs(), service.handlerNs()]).toEqual([3, 2, 5, 40]);
});

test('a recorded gap that is negative (records out of order) counts as 0', () => {
  expect(new SampledService({ ...NOTHING, wakeNs: [-7] }, 1).wakeNs()).toBe(0);
});

test('a busy vCPU’s handler takes the idle one’s times where no own were recorded', () => {
  expect(new SampledService({ ...NOTHING, handlerNs: [40], busyHandlerNs: [8] }, 1).busyHandlerNs()).toBe(8);
  expect(new SampledService({ ...NOTHING, handlerNs: [40] }, 1).busyHandlerNs()).toBe(40);
});

test('steps that the recording never showed alone have typical values', () => {
  const service = new SampledService(NOTHING, 1);
  const all = [service.wakeNs(), service.fetchNs(), service.backendNs(4), service.completeNs(), service.interruptNs(), service.handlerNs()];
  expect(all.every((ns) => ns > 0 && ns < 1_000_000)).toBe(true);
  expect(service.backendBatch(4)).toBe(4);
});

test('a backend batch is drawn among recorded ones with about as many commands in flight', () => {
  const backend = [
    { inFlight: 1, share: 1, afterNs: 10 },
    { inFlight: 20, share: 0.5, afterNs: 200 },
    { inFlight: 31, share: 0.25, afterNs: 300 },
  ];
  const service = new SampledService({ ...NOTHING, backend }, 1);
  expect(new Set(draws(50, () => service.backendNs(1)))).toEqual(new Set([10]));
  expect(new Set(draws(50, () => service.backendNs(16)))).toEqual(new Set([200, 300]));
  expect(new Set(draws(50, () => service.backendBatch(16)))).toEqual(new Set([8, 4]));
  // Nothing was seen with 1000 in flight: the nearest load stands in.
  expect(new Set(draws(50, () => service.backendNs(1000)))).toEqual(new Set([200, 300]));
});

test('a backend batch completes at least one command and at most all', () => {
  const service = new SampledService({ ...NOTHING, backend: [{ inFlight: 100, share: 0.001, afterNs: 1 }] }, 1);
  expect(service.backendBatch(100)).toBe(1);
  expect(new SampledService({ ...NOTHING, backend: [{ inFlight: 1, share: 1, afterNs: 1 }] }, 1).backendBatch(7)).toBe(7);
});

test('recorded batches are repeated in their order', () => {
  const work = new SampledWork(QUEUE, 0, 1);
  expect(draws(5, () => work.nextBatch())).toEqual([3, 1, 2, 0, 0]);
  expect([work.window, work.startNs]).toEqual([4, 70]);
});

test('where not every batch is known they are drawn, until all commands are submitted', () => {
  const work = new SampledWork({ ...QUEUE, batchesComplete: false, commands: 50 }, 0, 1);
  const batches: number[] = [];
  for (let batch = work.nextBatch(); batch > 0; batch = work.nextBatch()) batches.push(batch);
  expect(batches.reduce((sum, n) => sum + n, 0)).toBe(50);
  expect(batches.slice(0, -1).every((n) => QUEUE.batches.includes(n))).toBe(true);
});

test('where no batch is known, commands come one by one', () => {
  const work = new SampledWork({ ...QUEUE, batches: [], batchesComplete: false, commands: 3 }, 0, 1);
  expect(draws(4, () => work.nextBatch())).toEqual([1, 1, 1, 0]);
});

test('the recorded cost of a doorbell is taken out of the think times, down to nothing', () => {
  const cost = 7_000;
  const work = new SampledWork(QUEUE, cost, 1);
  expect(new Set(draws(50, () => work.thinkAfterSubmitNs()))).toEqual(new Set([0, 9_000 - cost]));
  expect(work.thinkAfterReapNs()).toBe(20_000 - cost);
});

function take(place: number, seed: number): number[] {
  const work = new SampledWork({ ...QUEUE, place }, 0, seed);
  return draws(30, () => work.thinkAfterSubmitNs());
}

test('the same seed draws the same, queues draw apart', () => {
  expect(take(0, 1)).toEqual(take(0, 1));
  expect(take(0, 1)).not.toEqual(take(1, 1));
  expect(take(0, 1)).not.toEqual(take(0, 2));
});
