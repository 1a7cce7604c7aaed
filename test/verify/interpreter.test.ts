// A second, plain interpreter of the same programs takes each counterexample step by step: program order, values, store
// buffers and the ring rule are its own. It confirms that the step can happen and that the end is a lost wake-up.

import { describe, expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { type SqPolicy, newView } from '../../src/model/policy/policy.js';
import { inCyclicInterval } from '../../src/nvme/notify.js';
import type { Action } from '../../src/verify/explore.js';
import { BARRIER_SETTINGS, TABLE_POLICIES } from '../../src/verify/table.js';
import { DEFAULT_BOUNDS, verify } from '../../src/verify/verify.js';

type Expected = Pick<Action, 'action'> & { readonly value?: number };

/** What a thread does next, given what it loaded. */
type Thread = Generator<Expected, never, number>;

function* driverThread(barrier: string): Thread {
  let tail = 0;
  for (;;) {
    const value = yield { action: 'add' };
    const old = yield { action: 'load-old', value: tail };
    yield { action: 'store-shadow', value };
    if (barrier !== 'none') yield { action: `${barrier}-barrier` };
    const eventIdx = yield { action: 'load-eventidx' };
    yield { action: inCyclicInterval(eventIdx, old, value, DEFAULT_BOUNDS.depth) ? 'ring' : 'suppressed', value };
    tail = value;
  }
}

function* deviceThread({ program }: SqPolicy, barriers: boolean): Thread {
  const { depth } = DEFAULT_BOUNDS;
  const view = newView(depth);
  function* run(steps: SqPolicy['program']['onStart']): Generator<Expected, void, number> {
    for (const step of steps) {
      if (step.step === 'reread') view.seen = yield { action: 'reread' };
      else if (step.step === 'publish') {
        const value = step.index(view);
        if (value !== undefined) view.published = value;
        yield value === undefined ? { action: 'keep-eventidx' } : { action: 'publish', value };
      } else if (step.step === 'barrier' && barriers) yield { action: 'full-barrier' };
    }
  }
  for (;;) {
    yield { action: 'wake' };
    yield* run(program.onStart);
    do {
      while (view.position !== view.seen) {
        yield { action: 'fetch', value: view.position };
        view.position = (view.position + 1) % depth;
        yield* run(program.onCommand);
      }
      yield { action: 'empty', value: view.position };
      yield* run(program.onEmpty);
    } while (view.position !== view.seen);
    yield { action: 'sleep', value: view.position };
  }
}

class Machine {
  readonly words = { shadow: 0, eventIdx: 0 };
  readonly waiting: Record<Action['thread'], number[]> = { driver: [], device: [] };
  rung = false;
  private readonly threads: Record<Action['thread'], Thread>;
  private readonly next: Record<Action['thread'], Expected>;

  constructor(policy: SqPolicy, driverBarrier: string, deviceBarrier: boolean) {
    this.threads = { driver: driverThread(driverBarrier), device: deviceThread(policy, deviceBarrier) };
    this.next = { driver: this.threads.driver.next(0).value, device: this.threads.device.next(0).value };
  }

  take({ thread, action, value }: Action): void {
    const word = thread === 'driver' ? 'shadow' : 'eventIdx';
    if (action === 'visible') {
      expect(this.waiting[thread][0]).toBe(value);
      this.words[word] = this.waiting[thread].shift()!;
      return;
    }
    expect({ action, value }).toMatchObject(this.next[thread]);
    if (action === 'store-shadow' || action === 'publish') {
      if (value !== (this.waiting[thread].at(-1) ?? this.words[word])) this.waiting[thread].push(value!);
    } else if (action === 'full-barrier' || action === 'ring') {
      for (const stored of this.waiting[thread].splice(0)) this.words[word] = stored;
      if (action === 'ring') this.rung = true;
    } else if (action === 'wake') {
      expect(this.rung).toBe(true);
      this.rung = false;
    } else if (action === 'load-old') expect(value).toBe(this.waiting.driver.at(-1) ?? this.words.shadow);
    else if (action === 'load-eventidx') expect(value).toBe(this.words.eventIdx);
    else if (action === 'reread') expect(value).toBe(this.words.shadow);
    this.next[thread] = this.threads[thread].next(value ?? 0).value;
  }

  /** Both threads are between two pieces of work. */
  expectAtRest(): void {
    expect(this.next.driver.action).toBe('add');
    expect(this.next.device.action).toBe('wake');
    expect([this.waiting, this.rung]).toEqual([{ driver: [], device: [] }, false]);
  }
}

describe.each(TABLE_POLICIES)('$name', (policy) => {
  test.each([...BARRIER_SETTINGS, { name: 'read barrier', driverBarrier: 'read', deviceBarrier: 'full' } as const])('$name', ({ driverBarrier, deviceBarrier }) => {
    const { verdict, path } = verify({ policy, driver: DRIVERS[0]!, driverBarrier, deviceBarrier, memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS });
    if (verdict === 'safe') return;
    const machine = new Machine(policy, driverBarrier, deviceBarrier === 'full');
    for (const action of path) machine.take(action);
    machine.expectAtRest();
    const head = path.filter(({ action }) => action === 'fetch').length % DEFAULT_BOUNDS.depth;
    expect(machine.words.shadow).not.toBe(head);
  });
});
