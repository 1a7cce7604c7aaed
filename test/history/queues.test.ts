import { expect, test } from 'vitest';
import { INTERRUPT_MASKED, INTERRUPT_PIN } from '../../src/trace/event.js';
import { NOTHING_ODD, type Told, tell } from '../support/journal.js';
import { Scene } from '../support/scene.js';

const CREATE_IO_SQ = 0x01;
const CREATE_IO_CQ = 0x05;
const INVALID_QUEUE_ID = 0x0101;

/** The admin command `cid`, around the event that it causes. */
function admin(scene: Scene, cid: number, opcode: number, status: number, event: (scene: Scene) => Scene): Scene {
  return event(scene.fetch(0, cid, opcode)).complete(0, cid, status);
}

test('a queue lives from its creation to its deletion', () => {
  const scene = new Scene().at(10).createCq(1, 8, { vector: 5 }).createSq(1, 16).at(90).deleteSq(1).deleteCq(1);
  const { sqs, closed } = tell(scene);
  expect(sqs).toEqual([expect.objectContaining({ qid: 1, depth: 16, depthInferred: false, createdNs: 11, closedNs: 90 })]);
  expect(sqs[0]!.cq).toMatchObject({ qid: 1, depth: 8, vector: 5, createdNs: 10, closedNs: 91 });
  expect(closed).toEqual(sqs);
});

test('a queue that is created again begins at index 0, and its predecessor has ended', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 5).deleteSq(1).deleteCq(1).createQueue(1, 4).sqDoorbell(1, 3).fetch(1, 9);
  const { announcedCounts, sqs, ended } = tell(scene);
  expect(announcedCounts).toEqual([5, 3]);
  expect(sqs.map(({ depth, fetched }) => [depth, fetched])).toEqual([[8, 0], [4, 1]]);
  expect(ended.map(({ sq }) => sq)).toEqual([sqs[1]]);
});

test('deletion cuts commands off: what the device aborts afterwards ends nothing twice', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).complete(1, 1).deleteSq(1).complete(1, 2, 8).cqDoorbell(1, 2);
  const { ended, evidence } = tell(scene);
  expect(ended.map(({ cid, completedNs }) => [cid, Number.isNaN(completedNs)])).toEqual([[2, true], [1, false]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, unfinishedCommands: 1, unmatchedCompletions: 1 });
});

test('a completion after the queue was created again on the same CQ is the new queue’s', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 7).deleteSq(1).createSq(1, 8).sqDoorbell(1, 1).fetch(1, 7).complete(1, 7).cqDoorbell(1, 1);
  const { ended, sqs } = tell(scene);
  expect(ended.map(({ sq, completedNs }) => [sqs.indexOf(sq), Number.isNaN(completedNs)])).toEqual([[0, true], [1, false]]);
});

test('a creation counts when its admin command has succeeded', () => {
  const scene = new Scene().enable(32);
  admin(scene, 1, CREATE_IO_CQ, 0, (s) => s.createCq(1, 8, { cid: 1 }));
  admin(scene, 2, CREATE_IO_SQ, 0, (s) => s.createSq(1, 8, 1, 2));
  const { sqs, evidence } = tell(scene);
  expect(sqs.map(({ qid, depth }) => [qid, depth])).toEqual([[0, 32], [1, 8]]);
  expect(evidence.inferredQueues).toBe(0);
});

test('a creation that failed leaves no queue behind', () => {
  const scene = new Scene().enable(32);
  admin(scene, 1, CREATE_IO_CQ, INVALID_QUEUE_ID, (s) => s.createCq(1, 8, { cid: 1, vector: 1 }));
  admin(scene, 2, CREATE_IO_SQ, INVALID_QUEUE_ID, (s) => s.createSq(1, 8, 1, 2));
  scene.interrupt({ vector: 1 });
  const { sqs, interrupts, levels } = tell(scene);
  expect(sqs.map(({ qid }) => qid)).toEqual([0]);
  expect(interrupts.map(({ qid }) => qid), 'vector 1 belongs to nobody, so it signals the last completion').toEqual([0]);
  expect(levels.filter((level) => / 1:/.test(level))).toEqual([]);
});

test('a failed attempt to create a queue that exists leaves that queue alone', () => {
  const scene = new Scene().enable(32).createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 7);
  admin(scene, 3, CREATE_IO_SQ, INVALID_QUEUE_ID, (s) => s.createSq(1, 64, 1, 3));
  scene.complete(1, 7).cqDoorbell(1, 1);
  const { sqs, ended } = tell(scene);
  expect(sqs.map(({ qid, depth }) => [qid, depth])).toEqual([[0, 32], [1, 8]]);
  expect(ended.filter(({ sq }) => sq.qid === 1).map(({ reapedNs }) => Number.isNaN(reapedNs))).toEqual([false]);
});

test('a queue that is used was created, also when the completion of its admin command is not in the capture', () => {
  const scene = new Scene().createCq(1, 8, { cid: 1 }).createSq(1, 16, 1, 2).sqDoorbell(1, 1);
  const { sqs, evidence } = tell(scene);
  expect(sqs.map(({ depth, cq }) => [depth, cq.depth])).toEqual([[16, 8]]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('a reset in mid-flight cuts every command off, ends every queue, and begins a new epoch', () => {
  const scene = new Scene().enable(32).createQueue(1, 8).shadowOn().sqDoorbell(1, 3).fetch(1, 1).fetch(1, 2).complete(1, 1).reset();
  scene.enable(32).createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 1).complete(1, 1).cqDoorbell(1, 1);
  const { sqs, ended, evidence, closed, announcedCounts } = tell(scene);
  expect(closed.length).toBe(sqs.length);
  expect(new Set(sqs.filter(({ qid }) => qid === 1).map(({ epoch }) => epoch)).size).toBe(2);
  // The second was cut off in the device, the first in the CQ; the third begins anew.
  expect(ended.map(({ cid, completedNs, reapedNs }) => [cid, Number.isNaN(completedNs), Number.isNaN(reapedNs)])).toEqual([
    [2, true, true],
    [1, false, true],
    [1, false, false],
  ]);
  expect(announcedCounts).toEqual([3, 1]);
  expect(evidence).toEqual({ ...NOTHING_ODD, resets: 1, unfinishedCommands: 1 });
});

test('a reset ends shadow doorbells: a value behind is no late one any more', () => {
  const scene = new Scene().shadowOn().reset().createQueue(1, 8).sqDoorbell(1, 2).sqDoorbell(1, 1);
  expect(tell(scene).evidence.lateDoorbells).toBe(0);
});

test('the admin queue has the depths that AQA gave it, or what its doorbells show', () => {
  expect(tell(new Scene().enable(32, 64)).sqs.map(({ depth, cq }) => [depth, cq.depth])).toEqual([[32, 64]]);
  const unknown = tell(new Scene().enable().sqDoorbell(0, 1).sqDoorbell(0, 2));
  expect(unknown.sqs.map(({ depth, depthInferred }) => [depth, depthInferred])).toEqual([[3, true]]);
  expect(unknown.announcedCounts).toEqual([1, 1]);
});

test('controllers have histories of their own', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 7);
  scene.on(1).createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 7).reset();
  scene.on(0).complete(1, 7).cqDoorbell(1, 1);
  expect(tell(scene).ended.map(({ sq, completedNs }) => [sq.controller, Number.isNaN(completedNs)])).toEqual([[1, true], [0, false]]);
});

// Interrupts

test('an interrupt names its CQ by the vector, and tells of every completion since the one before', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 11 }).createQueue(2, 8, { vector: 12 }).sqDoorbell(1, 3).sqDoorbell(2, 1);
  for (const cid of [1, 2, 3]) scene.fetch(1, cid);
  scene.fetch(2, 9).complete(1, 1).complete(1, 2).complete(2, 9).at(50).interrupt({ vector: 11 });
  scene.complete(1, 3).at(60).interrupt({ vector: 12 }).at(70).interrupt({ vector: 11 }).cqDoorbell(1, 3).cqDoorbell(2, 1);
  expect(tell(scene).ended.map(({ cid, interruptNs }) => [cid, interruptNs])).toEqual([[1, 50], [2, 50], [3, 70], [9, 60]]);
});

test('a pin and an unknown vector signal the CQ of the last completion; a masked interrupt signals nothing', () => {
  const scene = new Scene().createQueue(1, 8).createQueue(2, 8).sqDoorbell(1, 1).fetch(1, 1).sqDoorbell(2, 1).fetch(2, 2);
  scene.complete(1, 1).interrupt({ how: INTERRUPT_MASKED }).interrupt({ how: INTERRUPT_PIN });
  scene.complete(2, 2).interrupt({ vector: 99 }).interrupt({ queue: 1 });
  expect(tell(scene).interrupts.map(({ qid }) => qid)).toEqual([1, 2, 1]);
});

// Without time stamps

test('a capture without time stamps has the same history but for the times', () => {
  const [timed, timeless] = [new Scene(), new Scene({ timeless: true })].map((scene) => {
    scene.createQueue(1, 4).shadowOn().sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).fetch(1, 1).complete(1, 2).interrupt({ vector: 1 }).complete(1, 1);
    return tell(scene.interrupt({ vector: 1 }).cqShadow(1, 2).sqShadow(1, 0).deleteSq(1));
  }) as [Told, Told];
  expect(timeless.evidence).toEqual(timed.evidence);
  expect(timeless.evidence).toEqual({ ...NOTHING_ODD, unfinishedCommands: 1 });
  expect(timeless.levels).toEqual(timed.levels);
  expect(timeless.announcedCounts).toEqual(timed.announcedCounts);
  expect(timeless.ended.map(({ cid, position }) => [cid, position])).toEqual(timed.ended.map(({ cid, position }) => [cid, position]));
  expect(timeless.ended.every(({ fetchedNs }) => Number.isNaN(fetchedNs))).toBe(true);
});

test('a capture that names queue after queue keeps the latest ones', () => {
  const scene = new Scene();
  for (let qid = 1; qid <= 6000; qid++) scene.sqDoorbell(qid, 1);
  const { evidence, closed } = tell(scene);
  // Each names a submission and a completion queue; 8,192 are followed at a time.
  expect(evidence.forgottenQueues).toBe(2 * 6000 - 8192);
  expect(closed).toHaveLength(6000);
});
