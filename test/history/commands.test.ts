import { expect, test } from 'vitest';
import { ABSENT } from '../../src/trace/batch.js';
import { NOTHING_ODD, tell } from '../support/journal.js';
import { Scene } from '../support/scene.js';

test("one command's life", () => {
  const scene = new Scene().createQueue(1, 8, { vector: 3 });
  scene.at(100).sqDoorbell(1, 1, 42).at(120).fetch(1, 7, 0x01).at(121).range(7, 2048, 8);
  scene.at(200).complete(1, 7, 5).at(210).interrupt({ vector: 3 }).at(250).cqDoorbell(1, 1, 43);
  const { ended, announcements, reapings, interrupts, evidence } = tell(scene);
  expect(ended).toEqual([
    expect.objectContaining({
      cid: 7,
      opcode: 0x01,
      position: 0,
      setupNs: NaN,
      announcedNs: 100,
      fetchedNs: 120,
      completedNs: 200,
      interruptNs: 210,
      reapedNs: 250,
      status: 5,
      slba: 2048,
      blocks: 8,
    }),
  ]);
  expect(announcements).toEqual([{ qid: 1, timeNs: 100, count: 1, mmio: true, thread: 42 }]);
  expect(interrupts).toEqual([{ qid: 1, timeNs: 210 }]);
  expect(reapings).toEqual([{ qid: 1, timeNs: 250, count: 1, mmio: true, thread: 43 }]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('the levels rise and fall with the command', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 7).complete(1, 7).cqDoorbell(1, 1);
  expect(tell(scene).levels.slice(0, 6)).toEqual(['sq 1: 1', 'sq 1: 0', 'device 1: 1', 'device 1: 0', 'cq 1: 1', 'cq 1: 0']);
});

test('a doorbell announces a batch: all of it was announced at the same time', () => {
  const scene = new Scene().createQueue(1, 8).at(10).sqDoorbell(1, 3).at(20).fetch(1, 1).fetch(1, 2).at(30).sqDoorbell(1, 4).fetch(1, 3).fetch(1, 4);
  const { ended, announcedCounts } = tell(scene);
  expect(announcedCounts).toEqual([3, 1]);
  expect(ended.map(({ position, announcedNs }) => [position, announcedNs])).toEqual([[0, 10], [1, 10], [2, 10], [3, 30]]);
});

test('a doorbell gives back a batch: the oldest completions first', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 3);
  for (const cid of [1, 2, 3]) scene.fetch(1, cid);
  for (const cid of [2, 1, 3]) scene.complete(1, cid);
  scene.at(100).cqDoorbell(1, 2).at(200).cqDoorbell(1, 3);
  const { ended, reapedCounts } = tell(scene);
  expect(reapedCounts).toEqual([2, 1]);
  expect(ended.map(({ cid, reapedNs }) => [cid, reapedNs])).toEqual([[2, 100], [1, 100], [3, 200]]);
});

test('an identifier may come again after its completion, before the driver has consumed it', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 2).fetch(1, 5).complete(1, 5, 0).fetch(1, 5).complete(1, 5, 1).cqDoorbell(1, 2);
  const { ended, evidence } = tell(scene);
  expect(ended.map(({ position, status }) => [position, status])).toEqual([[0, 0], [1, 1]]);
  expect(evidence).toEqual(NOTHING_ODD);
});

// Linux puts a generation into the upper 4 bits, so that a late completion isn't taken for the next command's.
test('two generations of one tag are two commands', () => {
  const tag = 0x0123;
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 2).fetch(1, 0x1000 | tag).fetch(1, 0x2000 | tag);
  scene.complete(1, 0x2000 | tag, 2).complete(1, 0x1000 | tag, 1).cqDoorbell(1, 2);
  expect(tell(scene).ended.map(({ cid, position, status }) => [cid, position, status])).toEqual([
    [0x2123, 1, 2],
    [0x1123, 0, 1],
  ]);
});

test('an identifier that is fetched again without its completion ends the first command, and no level stays behind', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 5).sqDoorbell(1, 2).fetch(1, 5).complete(1, 5).cqDoorbell(1, 1);
  const { ended, evidence, levels } = tell(scene);
  expect(ended.map(({ position, completedNs }) => [position, Number.isNaN(completedNs)])).toEqual([[0, true], [1, false]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, unfinishedCommands: 1 });
  expect(levels.filter((level) => level.startsWith('device')).slice(0, 3)).toEqual(['device 1: 1', 'device 1: 1', 'device 1: 0']);
});

test('a completion of which no command is open is counted', () => {
  const { ended, evidence } = tell(new Scene().createQueue(1, 8).complete(1, 9));
  expect(ended).toEqual([]);
  expect(evidence).toEqual({ ...NOTHING_ODD, unmatchedCompletions: 1 });
});

test('two SQs on one CQ: a completion belongs to the queue that has its identifier open', () => {
  const scene = new Scene().createCq(1, 8).createSq(1, 8, 1).createSq(2, 8, 1);
  scene.sqDoorbell(1, 1).sqDoorbell(2, 1).fetch(1, 10).fetch(2, 20).complete(1, 20).complete(1, 10).cqDoorbell(1, 2);
  expect(tell(scene).ended.map(({ cid, sq }) => [cid, sq.qid])).toEqual([[20, 2], [10, 1]]);
});

test('two SQs on one CQ with the same identifier open: the one fetched first completes first', () => {
  const scene = new Scene().createCq(1, 8).createSq(1, 8, 1).createSq(2, 8, 1);
  scene.setup(1, 5).setup(2, 5).sqDoorbell(2, 1).fetch(2, 5).sqDoorbell(1, 1).fetch(1, 5);
  scene.complete(1, 5).cqDoorbell(1, 1).reap(2, 5).complete(1, 5).cqDoorbell(1, 2).reap(1, 5);
  const { ended, evidence } = tell(scene);
  expect(ended.map(({ sq }) => sq.qid)).toEqual([2, 1]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('the range belongs to the command fetched last, if the identifier agrees', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).range(1, 100, 1).range(2, 200, 2);
  expect(tell(scene).ended.map(({ slba, blocks }) => [slba, blocks])).toEqual([[NaN, NaN], [200, 2]]);
});

// The driver's own events

test('driver and device view joined: one life with all its steps', () => {
  const scene = new Scene().createQueue(1, 8);
  scene.at(10).setup(1, 7).at(20).sqDoorbell(1, 1).at(30).fetch(1, 7).at(40).complete(1, 7);
  scene.at(50).interrupt({ vector: 1 }).at(60).reap(1, 7).at(70).cqDoorbell(1, 1);
  const { ended, reapings, evidence, levels } = tell(scene);
  expect(ended).toEqual([
    expect.objectContaining({ setupNs: 10, announcedNs: 20, fetchedNs: 30, completedNs: 40, interruptNs: 50, reapedNs: 60 }),
  ]);
  // The doorbell tells nothing that the driver's event didn't tell before.
  expect(reapings.map(({ timeNs, count, mmio, thread }) => [timeNs, count, mmio, thread])).toEqual([[60, 1, false, ABSENT], [70, 0, true, ABSENT]]);
  expect(evidence).toEqual(NOTHING_ODD);
  expect(levels.slice(0, 7)).toEqual(['sq 1: 1', 'sq 1: 1', 'sq 1: 0', 'device 1: 1', 'device 1: 0', 'cq 1: 1', 'cq 1: 0']);
});

test('an entry waits in the SQ from its set-up on, not only from its announcement', () => {
  const scene = new Scene().createQueue(1, 8).setup(1, 1).setup(1, 2).sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2);
  expect(tell(scene).levels.filter((level) => level.startsWith('sq')).slice(0, 5)).toEqual(['sq 1: 1', 'sq 1: 2', 'sq 1: 2', 'sq 1: 1', 'sq 1: 0']);
});

test("the driver's view alone: commands end, and no level stays behind", () => {
  const scene = new Scene().setup(1, 1).setup(1, 2).reap(1, 1).setup(1, 1).reap(1, 2).reap(1, 1);
  const { ended, evidence, levels } = tell(scene);
  expect(ended.map(({ cid, position }) => [cid, position])).toEqual([[1, 0], [2, 1], [1, 2]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, inferredQueues: 1 });
  expect(levels.filter((level) => level.startsWith('sq')).slice(0, 6)).toEqual([1, 2, 1, 2, 1, 0].map((level) => `sq 1: ${level}`));
  expect(levels.filter((level) => level.startsWith('device') && !level.endsWith(': 0'))).toEqual([]);
});

test('an identifier that is set up again without its end gives the first command up', () => {
  const { ended, evidence, levels } = tell(new Scene().setup(1, 1).setup(1, 1).reap(1, 1));
  expect(ended.map(({ position, reapedNs }) => [position, Number.isNaN(reapedNs)])).toEqual([[0, true], [1, false]]);
  expect(evidence).toEqual({ ...NOTHING_ODD, inferredQueues: 1, unfinishedCommands: 1 });
  expect(levels.filter((level) => level.startsWith('sq')).slice(0, 3)).toEqual(['sq 1: 1', 'sq 1: 1', 'sq 1: 0']);
});

test('what the driver consumes on a queue that is gone opens no queue', () => {
  const scene = new Scene().createQueue(1, 8).deleteSq(1).deleteCq(1).reap(1, 5);
  expect(tell(scene).evidence).toEqual({ ...NOTHING_ODD, unmatchedCompletions: 1 });
});

test('the driver records the end after its CQ head passed the completion, as Linux does: one life, ended by that record', () => {
  const scene = new Scene().createQueue(1, 8).at(10).setup(1, 7).sqDoorbell(1, 1).at(20).fetch(1, 7).at(30).complete(1, 7);
  scene.at(40).cqDoorbell(1, 1).at(50).reap(1, 7);
  const { ended, evidence, reapedCounts } = tell(scene);
  expect(ended).toEqual([expect.objectContaining({ setupNs: 10, fetchedNs: 20, completedNs: 30, reapedNs: 40, finishedNs: 50 })]);
  expect(reapedCounts).toEqual([1]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('a command whose end the driver did not record ends when its identifier is used anew, or with its queue', () => {
  const once = (scene: Scene): Scene => scene.setup(1, 7).sqDoorbell(1, 1).fetch(1, 7).complete(1, 7).cqDoorbell(1, 1);
  const scene = once(new Scene().createQueue(1, 8)).setup(1, 7).sqDoorbell(1, 2).fetch(1, 7).complete(1, 7).cqDoorbell(1, 2);
  const { ended, evidence } = tell(scene);
  expect(ended.map(({ position, finishedNs }) => [position, finishedNs])).toEqual([[0, NaN], [1, NaN]]);
  expect(evidence).toEqual(NOTHING_ODD);
});

test('an Asynchronous Event Request waits for an event: without one it is no unfinished command', () => {
  const scene = new Scene().enable(32).sqDoorbell(0, 2).fetch(0, 1, 0x06).fetch(0, 2, 0x0c).complete(0, 1).cqDoorbell(0, 1);
  expect(tell(scene).evidence).toEqual({ ...NOTHING_ODD, openEventRequests: 1 });
  // The same opcode on an I/O queue is Verify.
  expect(tell(new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 2, 0x0c)).evidence).toEqual({ ...NOTHING_ODD, unfinishedCommands: 1 });
});

test("a completion that is recorded just after the driver's record of it takes no other command along", () => {
  const scene = new Scene().createQueue(1, 8);
  for (const cid of [1, 2]) scene.setup(1, cid);
  scene.sqDoorbell(1, 2).fetch(1, 1).fetch(1, 2).reap(1, 1).complete(1, 1).complete(1, 2).cqDoorbell(1, 2).reap(1, 2);
  const { ended, levels, evidence } = tell(scene);
  expect(evidence).toEqual(NOTHING_ODD);
  expect(ended.map(({ cid, finishedNs }) => [cid, Number.isNaN(finishedNs)])).toEqual([[1, false], [2, false]]);
  expect(levels.at(-1)).toBe('cq 1: 0');
  expect(levels.filter((level) => level.startsWith('device')).at(-1)).toBe('device 1: 0');
});
