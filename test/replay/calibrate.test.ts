import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../src/replay/calibrate.js';
import { writeTimes } from '../../src/replay/run.js';
import { OFF, Recordist } from '../support/capture.js';
import { writeEvents } from '../support/events.js';
import { D, FixedWork, T, THINK, V, run } from '../support/machine.js';
import { Scene } from '../support/scene.js';

/** @param parallel whether the threads are taken to have run side by side */
function calibrationOf(scene: Scene, parallel = false): Calibration {
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  return recordist.end({ writeNs: 0, dispatchNs: 0, parallel }).calibration;
}

test('a capture that begins between a completion and its consumption: a pass of unknown length is no sample', () => {
  const scene = new Scene();
  // No creation, no interrupt and no completion was captured before the first head.
  scene.at(1000).sqDoorbell(1, 355).at(1010).cqDoorbell(1, 354).at(1040).fetch(1, 1).at(1060).complete(1, 1).at(1100).cqDoorbell(1, 355);
  const { queues, handlerNs, busyHandlerNs, pendingHandlerNs } = calibrationOf(scene);
  expect(queues[0]).toMatchObject({ polled: true });
  expect(handlerNs).toEqual([1100 - 1060]);
  for (const ns of [...busyHandlerNs, ...pendingHandlerNs]) expect(ns).toBeGreaterThanOrEqual(0);
});

describe('a hand-made recording', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 1 });
  // A batch of 1, then one of 2, before the device is awake.
  scene.at(1000).sqDoorbell(1, 1).at(1015).sqDoorbell(1, 3);
  scene.at(1040).fetch(1, 1).at(1043).fetch(1, 2).at(1047).fetch(1, 3);
  // The backend completes 2 of the 3.
  scene.at(1100).complete(1, 1).at(1102).complete(1, 2).at(1107).interrupt({ vector: 1 }).at(1127).cqDoorbell(1, 2);
  scene.at(1144).sqDoorbell(1, 4).at(1150).fetch(1, 4);
  // Then 1 of 2, and the last one.
  scene.at(1160).complete(1, 3).at(1165).interrupt({ vector: 1 }).at(1168).complete(1, 4).at(1170).interrupt({ vector: 1 });
  scene.at(1180).cqDoorbell(1, 4);
  // The device is idle: a lone doorbell wakes it.
  scene.at(1300).sqDoorbell(1, 5).at(1330).fetch(1, 5).at(1400).complete(1, 5).at(1404).interrupt({ vector: 1 });
  // The vCPU was at work when that interrupt came.
  scene.at(1410).sqDoorbell(1, 6).at(1422).cqDoorbell(1, 5);
  const calibration = calibrationOf(scene);
  const queue = calibration.queues[0]!;

  test('batches are the doorbells, in order', () => {
    expect(queue).toMatchObject({ batches: [1, 2, 1, 1, 1], batchesComplete: true, commands: 1 + 2 + 1 + 1 + 1, startNs: 0 });
  });

  test('think times are gaps to a doorbell from the doorbell or the pass right before it', () => {
    expect(queue.thinkAfterSubmitNs).toEqual([1015 - 1000]);
    expect(queue.thinkAfterReapNs).toEqual([1144 - 1127, 1300 - 1180]);
  });

  test('a wake-up is the gap from a doorbell alone to the fetch', () => {
    expect(calibration.wakes.map(({ afterNs }) => afterNs)).toEqual([1330 - 1300]);
    const foundTheDeviceIdle = [1000, 1300, 1410];
    expect(calibration.idleWakes).toBe(foundTheDeviceIdle.length);
  });

  test('fetch, completion and posting are gaps between their neighbours', () => {
    expect(calibration.fetchNs).toEqual([1043 - 1040, 1047 - 1043]);
    expect(calibration.completeNs).toEqual([1102 - 1100]);
    // Without the completion that the device spends time on before it posts.
    const completion = 1102 - 1100;
    expect(calibration.interruptNs).toEqual([1107 - 1102, 1165 - 1160, 1170 - 1168, 1404 - 1400].map((ns) => ns - completion));
  });

  test('a backend batch is what completes without anything between: how many, of how many, how long after the device acted last', () => {
    // Without the fetch, or the completion, that the device spends time on before it waits: the median of the recorded ones.
    const fetch = (1043 - 1040 + 1047 - 1043) / 2;
    const completion = 1102 - 1100;
    expect(calibration.backend).toEqual([
      { inFlight: 3, completed: 2, afterNs: 1100 - 1047 - fetch },
      { inFlight: 2, completed: 1, afterNs: 1160 - 1150 - fetch },
      // The interrupt between the two ends at 1165; the device was at work from there.
      { inFlight: 1, completed: 1, afterNs: 1168 - 1165 - completion },
      { inFlight: 1, completed: 1, afterNs: 1400 - 1330 - fetch },
    ]);
  });

  test('the handler of an idle vCPU is the gap from the interrupt, that of a busy one from what it did last', () => {
    expect(calibration.handlerNs).toEqual([1127 - 1107, 1180 - 1170]);
    expect(calibration.pendingHandlerNs).toEqual([1422 - 1410]);
    expect(calibration.busyHandlerNs).toEqual(calibration.pendingHandlerNs);
  });

  test('the window is the highest number of commands that were outstanding before a pass', () => {
    expect(queue.window).toBe(3);
  });

  test('register writes are counted by side', () => {
    expect(calibration.mmio).toEqual({ sq: 5, cq: 3 });
  });
});

describe('with shadow doorbells on', () => {
  const scene = new Scene().createQueue(1, 8).shadowOn();
  // Rings at the idle device: its batch is known.
  scene.at(1000).sqDoorbell(1, 2).at(1002).sqShadow(1, 2).at(1020).fetch(1, 1).at(1022).sqShadow(1, 3).at(1030).fetch(1, 2).at(1033).fetch(1, 3);
  for (const cid of [1, 2, 3]) scene.at(1100 + cid).complete(1, cid).cqShadow(1, 0);
  scene.at(1110).interrupt({ vector: 1 }).at(1130).cqDoorbell(1, 3);
  // A ring while the device has work may be one of several announcements.
  scene.at(1200).sqDoorbell(1, 4).at(1220).fetch(1, 4).at(1230).sqDoorbell(1, 6);
  const calibration = calibrationOf(scene);

  test('only a ring at an idle device shows its batch, and the batches are not all', () => {
    expect(calibration.queues[0]).toMatchObject({ batches: [2, 1], batchesComplete: false, commands: 3 + 1 + 2 });
  });

  test('a wake-up begins with the register write, also where the device reads shadow values in between', () => {
    const onlyOne = 1220 - 1200;
    // Behind the other's first fetch the device finds one more: the vCPU had the core meanwhile.
    expect(calibration.wakes.map(({ afterNs }) => afterNs)).toEqual([onlyOne]);
  });
});

test('a device that finds an entry without a register write was awake: that is no wake-up', () => {
  expect(calibrationOf(new Scene().createQueue(1, 8).shadowOn().at(10).sqShadow(1, 1).at(15).fetch(1, 1)).wakes).toEqual([]);
  expect(calibrationOf(new Scene().createQueue(1, 8).shadowOn().fetch(1, 1)).wakes).toEqual([]);
});

test('a doorbell and a fetch with something between them are no wake-up', () => {
  const scene = new Scene().createQueue(1, 8).at(10).sqDoorbell(1, 1).at(15).cqDoorbell(1, 0).at(30).fetch(1, 1);
  expect(calibrationOf(scene).wakes).toEqual([]);
});

test('a gap in which a vCPU acted says nothing about the backend: the device may have waited for a core', () => {
  const scene = new Scene().createQueue(1, 8).sqDoorbell(1, 1).fetch(1, 1).sqDoorbell(1, 2).complete(1, 1);
  expect(calibrationOf(scene).backend).toEqual([]);
});

test('the overlap is the share of vCPU actions between two adjacent actions of the device at work', () => {
  const scene = new Scene().createQueue(1, 8).at(1000).sqDoorbell(1, 1).at(2000).fetch(1, 1);
  scene.at(3000).sqDoorbell(1, 2).at(4000).fetch(1, 2);
  // 200 us between its neighbours: the device slept in between.
  scene.at(100_000).sqDoorbell(1, 3).at(204_000).fetch(1, 3).at(205_000).complete(1, 1);
  expect(calibrationOf(scene).overlap).toBe(1 / 2);
});

test('a submission right behind an interrupt that its vCPU has not answered waited for the lock: it overlaps too', () => {
  const SOON = 20_000;
  const overlapOf = (add: (scene: Scene) => Scene): number => {
    const scene = new Scene().createQueue(1, 8, { vector: 1 }).createQueue(2, 8, { vector: 2 });
    scene.at(1_000).sqDoorbell(1, 1).at(200_000).fetch(1, 1).at(300_000).complete(1, 1).at(304_000).interrupt({ vector: 1 });
    return calibrationOf(add(scene).at(900_000).cqDoorbell(1, 1).at(990_000).fetch(1, 2)).overlap;
  };
  // The first action of all has none before it.
  expect(overlapOf((scene) => scene.at(304_000 + SOON).sqDoorbell(1, 2))).toBe(1 / 2);
  expect(overlapOf((scene) => scene.at(304_000 + 4 * SOON).sqDoorbell(1, 2))).toBe(0);
  expect(overlapOf((scene) => scene.at(304_000 + SOON).sqDoorbell(2, 1))).toBe(0);
});

test('jobs that meet on one queue for a while: each queue’s window is its share of all that were outstanding', () => {
  const scene = new Scene().createQueue(1, 32).createQueue(2, 32).sqDoorbell(1, 8).sqDoorbell(2, 1);
  for (let cid = 0; cid < 8; cid++) scene.fetch(1, cid);
  scene.fetch(2, 0);
  for (let cid = 0; cid < 8; cid++) scene.complete(1, cid);
  scene.complete(2, 0).cqDoorbell(1, 8).cqDoorbell(2, 1);
  const shareOfAll = Math.ceil((8 + 1) / 2);
  expect(calibrationOf(scene).queues.map(({ window }) => window)).toEqual([shareOfAll, 1]);
});

test('read off a run of the model, each time is what the model took', () => {
  const recordist = new Recordist();
  const { events } = run([{ work: new FixedWork([2, 2], 2) }], { deviceOnly: true });
  writeEvents(events, (batch) => recordist.push(batch), 64);
  const { queues, wakes, fetchNs, backend, completeNs, interruptNs, handlerNs } = recordist.end({ writeNs: V, dispatchNs: 0 }).calibration;
  expect(wakes.map(({ afterNs }) => afterNs)).toEqual([T.wake, T.wake]);
  expect(fetchNs).toEqual([T.fetch, T.fetch]);
  expect(backend.map(({ afterNs }) => afterNs)).toEqual([T.backend, T.backend]);
  expect(completeNs).toEqual([T.complete, T.complete]);
  expect(interruptNs).toEqual([T.interrupt, T.interrupt]);
  // The doorbell is seen when it arrives.
  expect(handlerNs).toEqual([T.handler + D, T.handler + D]);
  expect(queues[0]!.thinkAfterReapNs).toEqual([THINK.afterReap]);
});

describe('threads side by side', () => {
  // A window of 4; the device is awake, then asleep; the third submission waits for the lock.
  const scene = new Scene().createQueue(1, 16, { vector: 1 });
  scene.at(1_000_000).sqDoorbell(1, 1).at(1_020_000).fetch(1, 1).at(1_031_000).complete(1, 1).at(1_035_000).interrupt({ vector: 1 });
  scene.at(1_041_000).sqDoorbell(1, 2).at(1_055_000).cqDoorbell(1, 1).at(1_060_000).fetch(1, 2).at(1_075_000).complete(1, 2);
  scene.at(1_079_000).interrupt({ vector: 1 }).at(1_120_000).cqDoorbell(1, 2).at(1_300_000).sqDoorbell(1, 3);
  const write = 5_000;
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  const calibration = recordist.end({ writeNs: write, dispatchNs: 2_000, parallel: true }).calibration;

  test('a wake-up knows how long the device had slept, and holds no dispatch', () => {
    expect(calibration.wakes.slice(1)).toEqual([{ asleepNs: 1_041_000 - 1_035_000, afterNs: 1_060_000 - 1_041_000 - 2_000 }]);
  });

  test('an interrupt that waited for the end of a write, and one that found the vCPU at work', () => {
    expect(calibration.pendingHandlerNs).toEqual([1_055_000 - 1_041_000 - write]);
    expect([...calibration.busyHandlerNs, ...calibration.handlerNs]).toEqual([1_120_000 - 1_079_000]);
  });
});

test('flushes have their own times, and a submitter that waits for each is seen to', () => {
  const scene = new Scene().createQueue(1, 64, { vector: 1 });
  const FLUSH = 0;
  let ns = 1_000_000;
  for (let i = 0; i < 30; i++) {
    const flush = i % 3 === 2;
    scene.at(ns).sqDoorbell(1, i + 1).at(ns + 20_000).fetch(1, i, flush ? FLUSH : undefined);
    const done = ns + 20_000 + (flush ? 900_000 : 30_000);
    scene.at(done).complete(1, i).at(done + 4_000).interrupt({ vector: 1 }).at(done + 20_000).cqDoorbell(1, i + 1);
    ns = done + 50_000;
  }
  const { special, waitedFor, backend } = calibrationOf(scene, true);
  expect(special).toEqual([{ opcode: FLUSH, serviceNs: Array.from({ length: 10 }, () => 900_000) }]);
  expect(waitedFor).toEqual([FLUSH]);
  expect(backend.every(({ afterNs }) => afterNs < 100_000)).toBe(true);
});

describe('vCPUs that took turns with the device', () => {
  /** Two vCPUs that submit `n` times each: by turns, or one all of its own and then the other. */
  function calibrated(n: number, byTurns: boolean): Calibration {
    const scene = new Scene().createQueue(1, 64, { vector: 1 }).createQueue(2, 64, { vector: 2 });
    const submissions = Array.from({ length: 2 * n }, (_, i) => (byTurns ? { qid: 1 + (i % 2), tail: Math.floor(i / 2) + 1 } : { qid: 1 + Math.floor(i / n), tail: (i % n) + 1 }));
    submissions.forEach(({ qid, tail }, i) => scene.at(1_000_000 + i * 10_000).sqDoorbell(qid, tail));
    for (const qid of [1, 2]) for (let cid = 0; cid < n; cid++) scene.at(3_000_000 + (qid * n + cid) * 4_000).fetch(qid, cid);
    for (const qid of [1, 2]) for (let cid = 0; cid < n; cid++) scene.complete(qid, cid);
    for (const qid of [1, 2]) scene.interrupt({ vector: qid });
    for (const qid of [1, 2]) scene.cqDoorbell(qid, n);
    const recordist = new Recordist();
    scene.play((batch) => recordist.push(batch));
    return recordist.end().calibration;
  }

  test('were side by side with one another when each acted between two acts of the other', () => {
    expect(calibrated(20, true)).toMatchObject({ parallel: false, vcpusApart: true });
  });

  test('a core less than threads: the vCPUs had one each, whatever else shows', () => {
    const recordist = new Recordist();
    new Scene().createQueue(1, 8).createQueue(2, 8).sqDoorbell(1, 1).fetch(1, 1).complete(1, 1).play((batch) => recordist.push(batch));
    expect(recordist.end({ writeNs: 0, dispatchNs: 0, parallel: true, coreLess: true }).calibration).toMatchObject({ parallel: false, vcpusApart: true });
  });

  test('were on one core when each acted in a row', () => {
    expect(calibrated(20, false)).toMatchObject({ parallel: false, vcpusApart: false });
  });

  test('side by side, what another vCPU did in between doesn’t count: think times run from a vCPU’s own last act', () => {
    const { queues } = calibrated(20, true);
    const { writeNs } = writeTimes(OFF);
    for (const { thinkAfterSubmitNs, window } of queues) {
      expect(new Set(thinkAfterSubmitNs)).toEqual(new Set([20_000 - writeNs]));
      // Nor is a window the queue's share of what was outstanding on both.
      expect(window).toBe(20);
    }
  });

  test('one vCPU is never apart', () => {
    const scene = new Scene().createQueue(1, 64);
    for (let i = 1; i < 20; i++) scene.sqDoorbell(1, i);
    expect(calibrationOf(scene).vcpusApart).toBe(false);
  });
});

describe('submissions without a register write', () => {
  const ACCESS = 2_700;

  /** Rounds of one ring and `more` submissions behind it, which the device reads of when it wakes up; on one core. */
  function recorded(rounds: number, more: number): Calibration {
    const [think, wake, fetch, complete] = [12_000, 20_000, 6_000, 2_000];
    const depth = 1024;
    const scene = new Scene().createQueue(1, depth, { vector: 1 }).shadowOn();
    let ns = 1_000_000;
    let tail = 0;
    for (let round = 0; round < rounds; round++) {
      // Alone: it shows what a wake-up takes.
      tail += 1;
      scene.at(ns).sqDoorbell(1, tail % depth).at(ns + wake).fetch(1, tail).at(ns + wake + 50_000).complete(1, tail);
      scene.at(ns + wake + 50_000 + 3_000 + ACCESS).interrupt({ vector: 1 }).at(ns + 100_000).cqDoorbell(1, tail % depth);
      ns += 400_000;
      const [first, last] = [tail + 1, tail + 1 + more];
      scene.at(ns).sqDoorbell(1, first % depth);
      ns += more * think + wake;
      scene.at(ns).sqShadow(1, last % depth);
      for (let cid = first; cid <= last; cid++) scene.at(ns += fetch).fetch(1, cid);
      ns += 50_000;
      for (let cid = first; cid <= last; cid++) scene.at(ns += complete).complete(1, cid);
      scene.at(ns += complete + 1_000 + (more + 1) * ACCESS).interrupt({ vector: 1 }).at(ns += 20_000).cqDoorbell(1, last % depth);
      tail = last;
      ns += 400_000;
    }
    const recordist = new Recordist();
    scene.play((batch) => recordist.push(batch));
    return recordist.end({ writeNs: 0, dispatchNs: 0, accessNs: ACCESS }).calibration;
  }

  test('share the time in which the vCPU made them, less the device’s wake-up', () => {
    const { parallel, queues: [queue] } = recorded(10, 15);
    expect(parallel).toBe(false);
    expect(queue!.thinkAfterSubmitNs.length).toBe(10 * 15);
    for (const ns of queue!.thinkAfterSubmitNs) expect(ns).toBeCloseTo(12_000, 6);
  });

  test('are as many as batches of the size of those that rang', () => {
    expect(recorded(10, 1).queues[0]!.thinkAfterSubmitNs).toEqual(Array.from({ length: 10 }, () => 12_000));
  });

  test('a wake-up in which the vCPU had the core shows by what the device finds right behind its first fetch: it is no wake-up, but time of submissions', () => {
    const scene = new Scene().createQueue(1, 64).shadowOn();
    // Woken at once, twice; then only when the vCPU had submitted 10 more.
    scene.at(1_000_000).sqDoorbell(1, 1).at(1_020_000).fetch(1, 1).at(1_100_000).complete(1, 1).at(1_104_000).interrupt({ vector: 1 }).at(1_120_000).cqDoorbell(1, 1);
    scene.at(1_200_000).sqDoorbell(1, 2).at(1_220_000).fetch(1, 2).at(1_300_000).complete(1, 2).at(1_304_000).interrupt({ vector: 1 }).at(1_320_000).cqDoorbell(1, 2);
    scene.at(1_400_000).sqDoorbell(1, 3).at(1_540_000).fetch(1, 3).at(1_542_000).sqShadow(1, 13).at(1_544_000).fetch(1, 4).at(1_548_000).fetch(1, 5);
    const { wakes, queues: [queue] } = calibrationOf(scene);
    expect(wakes.map(({ afterNs }) => afterNs)).toEqual([20_000, 20_000]);
    expect(queue!.thinkAfterSubmitNs).toEqual(Array.from({ length: 10 }, () => (140_000 - 20_000) / 10));
  });

  test('the device’s accesses to shadow doorbells are taken out: the model’s device makes them again', () => {
    const { fetchNs, interruptNs } = recorded(10, 15);
    for (const ns of fetchNs) expect(ns).toBe(6_000 - ACCESS);
    // A posting has one for each completion; what is left is 3 us, of which one completion is the device's own.
    for (const ns of interruptNs) expect(ns).toBeCloseTo(3_000 - 2_000, 6);
  });
});

test('with shadow doorbells on, submissions of one size are known though they were found together', () => {
  const scene = new Scene().createQueue(1, 64).shadowOn();
  const rounds = 12;
  for (let i = 0; i < rounds; i++) scene.at(1_000_000 * (i + 1)).sqDoorbell(1, i * 2 + 2).at(1_000_000 * (i + 1) + 20_000).fetch(1, 2 * i).fetch(1, 2 * i + 1).complete(1, 2 * i).complete(1, 2 * i + 1);
  const tail = 2 * rounds;
  scene.at(50_000_000).sqDoorbell(1, tail + 2).at(50_020_000).fetch(1, tail).sqShadow(1, tail + 8).fetch(1, tail + 1);
  const { queues: [queue] } = calibrationOf(scene);
  expect(queue).toMatchObject({ batches: Array.from({ length: rounds + 1 + 3 }, () => 2), batchesComplete: true, batchesInferred: 3 });
});

test('with shadow doorbells on, more that is found between two fetches came while the device was at work; what is found at its first look needn’t have', () => {
  const scene = new Scene().createQueue(1, 64).shadowOn();
  scene.at(1000).sqDoorbell(1, 1).at(2000).sqShadow(1, 2).at(3000).fetch(1, 1).at(4000).sqShadow(1, 3).at(5000).fetch(1, 2).at(6000).fetch(1, 3);
  // The first action of all has none before it.
  const found = { atWork: 1, all: 3 - 1 };
  expect(calibrationOf(scene).overlap).toBe(found.atWork / found.all);
});
