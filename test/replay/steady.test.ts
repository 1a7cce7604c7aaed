import { expect, test } from 'vitest';
import { NS_PER_MS, NS_PER_S } from '../../src/base/units.js';
import type { SteadyPart } from '../../src/replay/steady.js';
import { Recordist } from '../support/capture.js';
import { Scene } from '../support/scene.js';

/** Actions of one command: doorbell, fetch, completion, doorbell. */
const ACTIONS = 4;

/** `n` commands one after the other on queue `qid` of 1024 entries, a microsecond between the actions, from `index` on. */
function commands(scene: Scene, n: number, fromNs: number, { qid = 1, index = 0 } = {}): Scene {
  for (let i = 0; i < n; i++) {
    const next = (index + i + 1) % 1024;
    const ns = fromNs + i * ACTIONS * 1000;
    scene.at(ns).sqDoorbell(qid, next).at(ns + 1000).fetch(qid, i).at(ns + 2000).complete(qid, i).at(ns + 3000).cqDoorbell(qid, next);
  }
  return scene;
}

function steadyPart(scene: Scene): { part: SteadyPart; length: number } {
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  const { part, log } = recordist.end();
  return { part, length: log.length };
}

test('without silence everything is steady', () => {
  const { part, length } = steadyPart(commands(new Scene().createQueue(1, 1024), 100, 0));
  expect(part).toEqual({ from: 0, to: 100 * ACTIONS, queues: [0], leftOut: { commands: 0, mmio: { sq: 0, cq: 0 } } });
  expect(length).toBe(100 * ACTIONS);
});

test('a lonely command before a silence and one after another are left out, and their register writes kept', () => {
  const scene = new Scene().createQueue(1, 1024);
  commands(scene, 1, 0);
  commands(scene, 200, NS_PER_S, { index: 1 });
  commands(scene, 2, 3 * NS_PER_S, { index: 201 });
  expect(steadyPart(scene).part).toEqual({
    from: 1 * ACTIONS,
    to: (1 + 200) * ACTIONS,
    queues: [0],
    leftOut: { commands: 1 + 2, mmio: { sq: 1 + 2, cq: 1 + 2 } },
  });
});

test('silence of less than 100 ms separates nothing', () => {
  const scene = new Scene().createQueue(1, 1024);
  commands(scene, 1, 0);
  commands(scene, 200, 100 * NS_PER_MS, { index: 1 });
  expect(steadyPart(scene).part.from).toBe(0);
});

test('a stretch with more than 2 % of the actions is no lonely one', () => {
  const scene = new Scene().createQueue(1, 1024);
  commands(scene, 5, 0);
  commands(scene, 200, NS_PER_S, { index: 5 });
  expect(steadyPart(scene).part.from).toBe(0);
});

test('several lonely stretches go together', () => {
  const scene = new Scene().createQueue(1, 1024);
  commands(scene, 1, 0);
  commands(scene, 1, NS_PER_S, { index: 1 });
  commands(scene, 300, 2 * NS_PER_S, { index: 2 });
  expect(steadyPart(scene).part.from).toBe((1 + 1) * ACTIONS);
});

test('of several lives of a controller the busiest is replayed, the others count as left out', () => {
  const scene = new Scene().createQueue(1, 1024);
  commands(scene, 10, 0);
  scene.reset().enable(32).createQueue(1, 1024).createQueue(2, 1024);
  commands(scene, 50, NS_PER_MS);
  commands(scene, 40, 2 * NS_PER_MS, { qid: 2 });
  expect(steadyPart(scene).part).toEqual({
    from: 10 * ACTIONS,
    to: (10 + 50 + 40) * ACTIONS,
    queues: [1, 2],
    leftOut: { commands: 10, mmio: { sq: 10, cq: 10 } },
  });
});

test('admin commands are no part of it', () => {
  const scene = new Scene().enable(32);
  commands(scene, 5, 0, { qid: 0 });
  expect(steadyPart(scene).part).toEqual({ from: 0, to: 0, queues: [], leftOut: { commands: 0, mmio: { sq: 0, cq: 0 } } });
});
