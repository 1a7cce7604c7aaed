import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHeap } from '../../src/base/heap.js';
import { holds } from '../support/property.js';

/** Takes everything out, as [time, actor, message]. */
function drain(heap: EventHeap): [number, number, number][] {
  const out: [number, number, number][] = [];
  while (heap.pop()) out.push([heap.poppedTimeNs, heap.poppedActor, heap.poppedMessage]);
  return out;
}

test('events leave by time, equal times in the order in which they entered', () => {
  const heap = new EventHeap();
  for (const [time, actor] of [[20, 1], [10, 2], [20, 3], [10, 4]] as const) heap.push(time, actor, 0);
  expect(drain(heap).map(([, actor]) => actor)).toEqual([2, 4, 1, 3]);
});

test('the heap agrees with a stably sorted list, whatever is pushed and popped in between', () => {
  // Few distinct times, so that ties are the rule. A number pushes that time; undefined pops.
  const steps = fc.array(fc.option(fc.nat(5), { nil: undefined, freq: 3 }), { maxLength: 300 });
  holds(
    fc.property(steps, (todo) => {
      const heap = new EventHeap(1);
      const list: { time: number; actor: number }[] = [];
      let actor = 0;
      for (const time of todo) {
        if (time === undefined) {
          const first = list.toSorted((a, b) => a.time - b.time || a.actor - b.actor)[0];
          expect(heap.pop()).toBe(first !== undefined);
          if (first === undefined) continue;
          expect([heap.poppedTimeNs, heap.poppedActor, heap.poppedMessage]).toEqual([first.time, first.actor, first.actor + 1]);
          list.splice(list.indexOf(first), 1);
        } else {
          heap.push(time, actor, actor + 1);
          list.push({ time, actor });
          actor += 1;
        }
        expect(heap.length).toBe(list.length);
      }
    }),
  );
});

test('the heap grows beyond its first capacity and loses nothing', () => {
  const heap = new EventHeap(2);
  const times = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
  for (const [i, time] of times.entries()) heap.push(time, i, i + 1);
  expect(drain(heap)).toEqual(times.map((time, i) => [time, i, i + 1]).toSorted(([a], [b]) => a! - b!));
});

test('an empty heap says so and keeps what it gave last', () => {
  const heap = new EventHeap();
  heap.push(5, 6, 7);
  expect([heap.pop(), heap.pop()]).toEqual([true, false]);
  expect([heap.poppedTimeNs, heap.poppedActor, heap.poppedMessage, heap.length]).toEqual([5, 6, 7, 0]);
});
