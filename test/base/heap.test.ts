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

test('who took a turn earlier leaves earlier among equal times, whenever the event enters', () => {
  const heap = new EventHeap();
  const early = heap.takeTurn();
  heap.push(10, 1, 0);
  heap.push(20, 2, 0);
  const late = heap.takeTurn();
  heap.push(20, 3, 0);
  heap.push(20, 4, 0, late);
  heap.push(20, 5, 0, early);
  expect(drain(heap).map(([, actor]) => actor)).toEqual([1, 5, 2, 4, 3]);
});

test('the heap knows which event would be the next, whatever is in it', () => {
  // A number pushes that time, undefined pops; in between it is asked of an event of time 0 to 5, with the turn of now or of the beginning.
  const steps = fc.array(fc.tuple(fc.option(fc.nat(5), { nil: undefined, freq: 3 }), fc.nat(5), fc.boolean()), { maxLength: 100 });
  holds(
    fc.property(steps, (todo) => {
      const heap = new EventHeap(1);
      const first = heap.takeTurn();
      const times: number[] = [];
      for (const [time, asked, early] of todo) {
        if (time !== undefined) {
          heap.push(time, 0, 0);
          times.push(time);
        } else if (heap.pop()) {
          times.splice(times.indexOf(heap.poppedTimeNs), 1);
        }
        const next = Math.min(...times);
        expect(heap.isNext(asked, early ? first : heap.takeTurn())).toBe(early ? asked <= next : asked < next);
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
