import { expect, test } from 'vitest';
import { DoorbellCounter, type DoorbellReport, type QueueDoorbells } from '../../src/metrics/doorbells.js';
import { INTERRUPT_MASKED, INTERRUPT_MSIX, INTERRUPT_PIN } from '../../src/trace/event.js';
import { Scene } from '../support/scene.js';

function count(scene: Scene): DoorbellReport {
  const counter = new DoorbellCounter();
  scene.play((batch) => counter.push(batch));
  return counter.result();
}

function queueOf(report: DoorbellReport, qid: number): QueueDoorbells {
  return report.controllers[0]!.queues.find((queue) => queue.qid === qid)!;
}

test('doorbells are counted by queue and side, the admin queue apart', () => {
  const scene = new Scene().createQueue(1, 8).createQueue(2, 16);
  scene.sqDoorbell(0, 1).cqDoorbell(0, 1);
  scene.sqDoorbell(1, 1).sqDoorbell(1, 2).cqDoorbell(1, 2);
  scene.sqDoorbell(2, 3);
  const report = count(scene);
  expect(report.mmio).toEqual({ sq: 2 + 1, cq: 1, total: 2 + 1 + 1 });
  expect(report.controllers).toEqual([
    expect.objectContaining({
      id: 0,
      shadow: false,
      queues: [
        expect.objectContaining({ qid: 1, depth: 8, mmio: { sq: 2, cq: 1 } }),
        expect.objectContaining({ qid: 2, depth: 16, mmio: { sq: 1, cq: 0 } }),
      ],
      admin: expect.objectContaining({ qid: 0, mmio: { sq: 1, cq: 1 } }),
    }),
  ]);
});

test('shadow reads and EventIdx writes are no register writes', () => {
  const scene = new Scene().createQueue(1, 8).shadowOn();
  scene.sqShadow(1, 1).sqEventIdx(1, 1).sqShadow(1, 1).cqShadow(1, 1).cqEventIdx(1, 0).cqEventIdx(1, 1);
  const report = count(scene);
  expect(report.mmio.total).toBe(0);
  expect(queueOf(report, 1)).toMatchObject({ mmio: { sq: 0, cq: 0 }, shadow: { sq: 2, cq: 1 }, eventidx: { sq: 1, cq: 2 } });
  expect(report.controllers[0]!.shadow).toBe(true);
});

test('a capture that begins after Doorbell Buffer Config shows by its shadow reads that it is on', () => {
  expect(count(new Scene().sqShadow(1, 7)).controllers[0]!.shadow).toBe(true);
  expect(count(new Scene().sqEventIdx(1, 7)).controllers[0]!.shadow).toBe(true);
  expect(count(new Scene().sqDoorbell(1, 7)).controllers[0]!.shadow).toBe(false);
});

test('commands are those that the device fetched, or those that the driver built where no fetch was captured', () => {
  const both = new Scene().setup(1, 1).setup(1, 2).fetch(1, 1);
  const driverOnly = new Scene().setup(1, 1).setup(1, 2);
  expect(count(both).commands).toBe(1);
  expect(count(driverOnly).commands).toBe(2);
});

test('an interrupt belongs to the queue of its vector', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 4 }).createQueue(2, 8, { vector: 5 });
  scene.complete(1, 7).interrupt({ vector: 5 }).interrupt({ vector: 4 }).interrupt({ vector: 5 }).interrupt({ vector: 0 });
  const report = count(scene);
  expect([queueOf(report, 1).interrupts, queueOf(report, 2).interrupts]).toEqual([1, 2]);
  expect(report.controllers[0]!.admin!.interrupts).toBe(1);
});

test('an interrupt without a known vector signals the last completion', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 1 }).createQueue(2, 8, { vector: 2 });
  scene.complete(2, 7).interrupt({ how: INTERRUPT_PIN });
  scene.complete(1, 8).interrupt({ how: INTERRUPT_MSIX, vector: 9 });
  const report = count(scene);
  expect([queueOf(report, 1).interrupts, queueOf(report, 2).interrupts]).toEqual([1, 1]);
});

test('a pin has no vector, whatever number stands there', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 1 }).createQueue(2, 8, { vector: 2 });
  scene.complete(2, 7).interrupt({ how: INTERRUPT_PIN, vector: 1 });
  expect(queueOf(count(scene), 2).interrupts).toBe(1);
});

test('a masked interrupt is none, and one that names its queue needs no vector', () => {
  const scene = new Scene().createQueue(1, 8, { vector: 1 });
  scene.complete(1, 7).interrupt({ how: INTERRUPT_MASKED }).interrupt({ queue: 1 });
  expect(queueOf(count(scene), 1).interrupts).toBe(1);
});

test('controllers are counted apart and summed in the total', () => {
  const scene = new Scene().sqDoorbell(1, 1).on(3).sqDoorbell(1, 1).cqDoorbell(1, 1);
  const report = count(scene);
  expect(report.controllers.map(({ id, queues }) => [id, queues[0]!.mmio])).toEqual([
    [0, { sq: 1, cq: 0 }],
    [3, { sq: 1, cq: 1 }],
  ]);
  expect(report.mmio).toEqual({ sq: 1 + 1, cq: 1, total: 1 + 1 + 1 });
});

test('a queue that is created again shows its last depth', () => {
  expect(queueOf(count(new Scene().createQueue(1, 8).createQueue(1, 32)), 1).depth).toBe(32);
});
