import { expect, test } from 'vitest';
import { ACTION } from '../../src/replay/action-log.js';
import { Recordist } from '../support/capture.js';
import { Scene } from '../support/scene.js';

function rows(scene: Scene): readonly (readonly [action: string, queue: number, timeNs: number, count: number, mmio: number])[] {
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  const { log } = recordist.end();
  const nameOf = new Map(Object.entries(ACTION).map(([name, number]) => [number as number, name]));
  return Array.from({ length: log.length }, (_, i) => [
    nameOf.get(log.action[i]!)!,
    log.queues[log.queue[i]!]!.qid,
    log.timeNs[i]!,
    log.count[i]!,
    log.mmio[i]!,
  ]);
}

test('the actions of a command, in order', () => {
  const scene = new Scene().createQueue(1, 8).at(10).sqDoorbell(1, 2).at(20).fetch(1, 5).at(30).complete(1, 5).at(40).interrupt({ vector: 1 }).at(50).cqDoorbell(1, 1);
  expect(rows(scene)).toEqual([
    ['announce', 1, 10, 2, 1],
    ['fetch', 1, 20, 1, 0],
    ['complete', 1, 30, 1, 0],
    ['interrupt', 1, 40, 1, 0],
    ['reap', 1, 50, 1, 1],
  ]);
});

test('a register write that moves nothing is an action, a shadow read that shows nothing new is none', () => {
  const scene = new Scene().createQueue(1, 8).shadowOn().at(10).sqShadow(1, 2).at(20).sqShadow(1, 2).at(30).sqDoorbell(1, 2);
  expect(rows(scene)).toEqual([
    ['announce', 1, 10, 2, 0],
    ['announce', 1, 30, 0, 1],
  ]);
});

test('what happens on a CQ counts for its SQ, also after that was deleted', () => {
  const scene = new Scene().createCq(3, 8).createSq(1, 8, 3).sqDoorbell(1, 1).fetch(1, 5).complete(3, 5).deleteSq(1).at(90).cqDoorbell(3, 1);
  expect(rows(scene).at(-1)).toEqual(['reap', 1, 90, 1, 1]);
});

test('the admin queue is left out', () => {
  expect(rows(new Scene().enable(32).sqDoorbell(0, 1).fetch(0, 1).complete(0, 1).interrupt({ vector: 0 }).cqDoorbell(0, 1))).toEqual([]);
});
