import { describe, expect, test } from 'vitest';
import { measureWindows, type Window } from '../../src/replay/window.js';
import { Recordist } from '../support/capture.js';
import { Scene } from '../support/scene.js';

/** The window of a queue on which the commands outstanding rise to each of the levels in turn, and are then all reaped. */
function windowOf(levels: readonly number[]): Window {
  const depth = 1024;
  const scene = new Scene().createQueue(1, depth, { vector: 1 });
  let done = 0;
  for (const level of levels) {
    for (let i = 1; i <= level; i++) scene.sqDoorbell(1, (done + i) % depth);
    for (let i = 0; i < level; i++) scene.fetch(1, done + i);
    for (let i = 0; i < level; i++) scene.complete(1, done + i);
    done += level;
    scene.cqDoorbell(1, done % depth);
  }
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  const { log, part } = recordist.end();
  return measureWindows(log, part).get(0)!;
}

test('a level that is reached again and again is the submitter’s limit', () => {
  expect(windowOf(Array.from({ length: 50 }, () => 6))).toEqual({ commands: 6, reached: true });
});

test('a level that is reached once is not: the limit lies there or above, at a power of two', () => {
  expect(windowOf([...Array.from({ length: 300 }, () => 1), 6])).toEqual({ commands: 8, reached: false });
});

describe('with shadow doorbells on, where a pass is seen when the device reads of it', () => {
  /** Two commands at a time: the submitter reaps and submits again while the device still posts, which sees both at its next reads. */
  function recorded(rounds: number): Window {
    const depth = 64;
    const scene = new Scene().createQueue(1, depth, { vector: 1 }).shadowOn().sqDoorbell(1, 2);
    for (let round = 0; round < rounds; round++) {
      const tail = 2 * round + 2;
      for (const at of [tail - 2, tail - 1]) scene.fetch(1, at);
      scene.complete(1, tail - 2).complete(1, tail - 1);
      // It finds the new tail before it reads of the head: four seem outstanding.
      scene.sqShadow(1, (tail + 2) % depth).cqShadow(1, tail % depth);
    }
    const recordist = new Recordist();
    scene.play((batch) => recordist.push(batch));
    const { log, part } = recordist.end();
    return measureWindows(log, part).get(0)!;
  }

  test('the window is what the device had at once, not what seemed outstanding', () => {
    expect(recorded(200)).toEqual({ commands: 2, reached: true });
  });
});
