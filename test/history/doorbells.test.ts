import { expect, test } from 'vitest';
import { NOTHING_ODD, tell } from '../support/journal.js';
import { Scene } from '../support/scene.js';

/** One command from doorbell to doorbell on a ring of `depth`, at index `at`. */
function roundTrip(scene: Scene, depth: number, at: number): Scene {
  const next = (at + 1) % depth;
  return scene.sqDoorbell(1, next).fetch(1, at).complete(1, at).cqDoorbell(1, next);
}

test('both indexes wrap at the depth, also at one that is no power of two', () => {
  const depth = 5;
  const laps = 3;
  const scene = new Scene().createQueue(1, depth);
  for (let i = 0; i < laps * depth; i++) roundTrip(scene, depth, i % depth);
  const { ended, announcedCounts, reapedCounts, evidence } = tell(scene);
  expect(ended.map(({ position }) => position)).toEqual(Array.from({ length: laps * depth }, (_, i) => i));
  expect(new Set([...announcedCounts, ...reapedCounts])).toEqual(new Set([1]));
  expect(evidence).toEqual(NOTHING_ODD);
});

test('a batch across the wrap', () => {
  const scene = new Scene().createQueue(1, 4).sqDoorbell(1, 3);
  for (const cid of [1, 2, 3]) scene.fetch(1, cid).complete(1, cid);
  scene.cqDoorbell(1, 3).sqDoorbell(1, 2);
  for (const cid of [4, 5, 6]) scene.fetch(1, cid).complete(1, cid);
  scene.cqDoorbell(1, 2);
  const { announcedCounts, reapedCounts } = tell(scene);
  expect(announcedCounts).toEqual([3, 3]);
  expect(reapedCounts).toEqual([3, 3]);
});

test('a repeated value announces nothing and is still a register write', () => {
  const { announcements } = tell(new Scene().createQueue(1, 8).sqDoorbell(1, 2).sqDoorbell(1, 2));
  expect(announcements.map(({ count, mmio }) => [count, mmio])).toEqual([[2, true], [0, true]]);
});

test('a value outside the ring moves nothing: the device refuses it', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 2).sqDoorbell(1, 9).sqDoorbell(1, 3);
  for (const cid of [1, 2, 3]) scene.fetch(1, cid).complete(1, cid);
  scene.cqDoorbell(1, 2).cqDoorbell(1, 8).cqDoorbell(1, 3);
  const { announcedCounts, reapedCounts, evidence } = tell(scene);
  expect(announcedCounts).toEqual([2, 0, 1]);
  expect(reapedCounts).toEqual([2, 0, 1]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('a CQ head beyond what was completed is counted as excess', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 1).complete(1, 1).cqDoorbell(1, 3);
  expect(tell(scene).evidence).toEqual({ ...NOTHING_ODD, excessReaps: 3 - 1 });
});

// Shadow doorbells

test('silent announcements show when the device reads them', () => {
  const scene = new Scene().createQueue(1, 8).shadowOn();
  scene.at(10).sqDoorbell(1, 1).sqShadow(1, 1).fetch(1, 1).sqEventIdx(1, 1).at(20).sqShadow(1, 3);
  scene.fetch(1, 2).sqShadow(1, 3).fetch(1, 3).sqShadow(1, 3);
  scene.complete(1, 1).at(50).cqShadow(1, 0).complete(1, 2).at(60).cqShadow(1, 1).complete(1, 3).at(70).cqDoorbell(1, 3);
  const { ended, announcements, reapings, evidence } = tell(scene);
  expect(announcements.filter(({ count }) => count > 0).map(({ timeNs, count, mmio }) => [timeNs, count, mmio])).toEqual([
    [10, 1, true],
    [20, 2, false],
  ]);
  expect(reapings.filter(({ count }) => count > 0).map(({ timeNs, count, mmio }) => [timeNs, count, mmio])).toEqual([
    [60, 1, false],
    [70, 2, true],
  ]);
  expect(ended.map(({ announcedNs, reapedNs }) => [announcedNs, reapedNs])).toEqual([[10, 60], [20, 70], [20, 70]]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('a register write that waited for the lock comes behind the shadow value that the device has read already', () => {
  const scene = new Scene().createQueue(1, 8).shadowOn().sqShadow(1, 2).fetch(1, 1).fetch(1, 2).at(90).sqDoorbell(1, 1, 42).sqShadow(1, 3).fetch(1, 3);
  for (const cid of [1, 2, 3]) scene.complete(1, cid);
  scene.cqShadow(1, 3).at(190).cqDoorbell(1, 1, 42);
  const { announcements, reapings, announcedCounts, evidence } = tell(scene);
  expect(announcedCounts).toEqual([2, 0, 1]);
  // It moves nothing, but it is a register write all the same.
  expect(announcements[1]).toEqual({ qid: 1, timeNs: 90, count: 0, mmio: true, thread: 42 });
  expect(reapings.at(-1)).toEqual({ qid: 1, timeNs: 190, count: 0, mmio: true, thread: 42 });
  expect(evidence).toEqual({ ...NOTHING_ODD, lateDoorbells: 2 });
});

// On a ring of 4 a batch of 3 looks like a value that is 1 behind; what the ring can hold tells them apart.
test('a full batch on a tiny ring is no late value', () => {
  const scene = new Scene().createQueue(1, 4).shadowOn();
  let cid = 0;
  for (const index of [3, 2, 1, 0]) {
    scene.sqDoorbell(1, index);
    for (let i = 0; i < 3; i++) scene.fetch(1, cid + i);
    for (let i = 0; i < 3; i++) scene.complete(1, cid + i);
    scene.cqDoorbell(1, index);
    cid += 3;
  }
  const { announcedCounts, reapedCounts, evidence } = tell(scene);
  expect(announcedCounts).toEqual([3, 3, 3, 3]);
  expect(reapedCounts).toEqual([3, 3, 3, 3]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('without shadow doorbells no value is late: a doorbell is all the device has', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).sqDoorbell(1, 0);
  expect(tell(scene).announcedCounts).toEqual([1, 8 - 1]);
});

test('an entry that is fetched without any doorbell was announced silently, and the next doorbell does not count it again', () => {
  // Shadow reads are not in this capture; only the first and the last announcement rang.
  const scene = new Scene().createQueue(1, 8).shadowOn().sqDoorbell(1, 1).fetch(1, 1).fetch(1, 2).fetch(1, 3).sqDoorbell(1, 4).fetch(1, 4);
  const { announcements, levels } = tell(scene);
  expect(announcements.map(({ count, mmio }) => [count, mmio])).toEqual([[1, true], [1, false], [1, false], [1, true]]);
  expect(levels.filter((level) => level.startsWith('sq')).slice(-2)).toEqual(['sq 1: 0', 'sq 1: 0']);
});

// A capture that begins in the middle

test('a queue that is older than the capture is inferred, its depth from the greatest index', () => {
  const scene = new Scene().sqDoorbell(3, 700).fetch(3, 1).complete(3, 1).cqDoorbell(3, 699);
  const { sqs, evidence } = tell(scene);
  expect(sqs.map(({ qid, depth, depthInferred }) => [qid, depth, depthInferred])).toEqual([[3, 701, true]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, inferredQueues: 1 });
});

test('the first doorbell of an inferred queue announces one command, not all since index 0', () => {
  const scene = new Scene().sqDoorbell(3, 700).fetch(3, 1).complete(3, 1).cqDoorbell(3, 700).sqDoorbell(3, 702).fetch(3, 2).fetch(3, 3);
  const { announcedCounts, reapedCounts, levels } = tell(scene);
  expect(announcedCounts).toEqual([1, 2]);
  expect(reapedCounts).toEqual([1]);
  expect(Math.max(...levels.map((level) => Number(level.split(': ')[1])))).toBe(2);
});

test('a command that was fetched before the capture completes unmatched, and its queue goes on', () => {
  const scene = new Scene().complete(3, 99).sqDoorbell(3, 10).fetch(3, 1).complete(3, 1).cqDoorbell(3, 10);
  const { ended, evidence } = tell(scene);
  expect(ended.map(({ cid, reapedNs }) => [cid, Number.isNaN(reapedNs)])).toEqual([[1, false]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, inferredQueues: 1, unmatchedCompletions: 1 });
});

test('an inferred depth grows until the ring has wrapped', () => {
  const scene = new Scene();
  for (const tail of [5, 6, 7, 0, 1]) scene.sqDoorbell(1, tail).fetch(1, tail);
  const { sqs, announcedCounts } = tell(scene);
  expect(sqs[0]!.depth).toBe(8);
  expect(announcedCounts).toEqual([1, 1, 1, 1, 1]);
});

test('shadow reads show that Doorbell Buffer Config came before the capture, so that late values are known', () => {
  const scene = new Scene().createQueue(1, 8).sqShadow(1, 2).fetch(1, 1).fetch(1, 2).sqDoorbell(1, 1);
  expect(tell(scene).evidence.lateDoorbells).toBe(1);
});

test('a ring without a value, as an eventfd takes it, moves nothing', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, NaN).sqDoorbell(1, 1).fetch(1, 1).complete(1, 1);
  const { announcedCounts, evidence } = tell(scene);
  expect(announcedCounts).toEqual([1]);
  expect(evidence).toEqual(NOTHING_ODD);
});
