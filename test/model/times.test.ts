// Where simulated time goes: every expected time is the sum of its causes.

import { describe, expect, test } from 'vitest';
import type { Workers } from '../../src/model/service.js';
import type { Transport } from '../../src/model/transport.js';
import { KIND } from '../../src/trace/event.js';
import {
  BATCHED,
  ConstantService,
  D,
  FREE_WRITE,
  FixedWork,
  LOCKED_WRITE,
  PER_COMMAND,
  R,
  type Run,
  T,
  THINK,
  U,
  V,
  W,
  oneByOne,
  rings,
  run,
  times,
} from '../support/machine.js';

test('one command without shadow doorbells', () => {
  const start = 500;
  const result = run([{ work: new FixedWork([1], 1, { startNs: start }) }]);
  const fetched = start + D + T.wake;
  const completed = fetched + T.fetch + T.backend;
  const signalled = completed + T.complete + T.interrupt;
  const reaped = signalled + T.handler;
  expect(times(result, 'command.setup')).toEqual([start]);
  expect(times(result, 'doorbell.mmio', { side: 'sq' })).toEqual([start + D]);
  expect(times(result, 'command.fetch')).toEqual([fetched]);
  expect(times(result, 'command.complete')).toEqual([completed]);
  expect(times(result, 'interrupt')).toEqual([signalled]);
  expect(times(result, 'command.reap')).toEqual([reaped]);
  expect(times(result, 'doorbell.mmio', { side: 'cq' })).toEqual([reaped + D]);
  expect(times(result, 'doorbell.shadow')).toEqual([]);
  expect(times(result, 'eventidx')).toEqual([]);
  expect(result).toMatchObject({
    durationNs: reaped + V,
    submitted: 1,
    reaped: 1,
    stalls: [],
    runaway: false,
    vcpuDoorbellNs: 2 * V,
    deviceBusyNs: T.fetch + T.complete + T.interrupt,
  });
});

test('one command with shadow doorbells: the device pays for its reads and EventIdx writes', () => {
  const result = run([{ work: oneByOne(1) }], { shadow: true });
  const fetched = D + T.wake + R;
  const completed = fetched + T.fetch + W + R + T.backend;
  const signalled = completed + T.complete + W + R + T.interrupt;
  expect(times(result, 'command.fetch')).toEqual([fetched]);
  const issued = fetched + T.fetch;
  expect(times(result, 'doorbell.shadow', { side: 'sq' })).toEqual([D + T.wake, issued]);
  expect(times(result, 'eventidx', { side: 'sq' })).toEqual([issued]);
  expect(times(result, 'command.complete')).toEqual([completed]);
  expect(times(result, 'eventidx', { side: 'cq' })).toEqual([completed + T.complete]);
  expect(times(result, 'command.reap')).toEqual([signalled + T.handler]);
  expect(result.deviceBusyNs).toBe(R + T.fetch + W + R + T.complete + W + R + T.interrupt);
});

test('a closed loop of one command: the next one comes the think time after the doorbell of the last', () => {
  const n = 3;
  const result = run([{ work: oneByOne(n) }]);
  const path = D + T.wake + T.fetch + T.backend + T.complete + T.interrupt + T.handler;
  const round = path + V + THINK.afterReap;
  expect(times(result, 'command.setup')).toEqual([0, round, 2 * round]);
  expect(result.durationNs).toBe(n * round - THINK.afterReap);
});

test('while the window has room, submissions follow one another by doorbell and think time', () => {
  const result = run([{ work: new FixedWork([2, 1, 3], 6) }]);
  const step = V + THINK.afterSubmit;
  expect(times(result, 'doorbell.mmio', { side: 'sq' })).toEqual([D, step + D, 2 * step + D]);
  expect(times(result, 'command.setup')).toEqual([0, 0, step, 2 * step, 2 * step, 2 * step]);
});

test('a suppressed announcement costs the shadow update in place of the register write', () => {
  const result = run([{ work: new FixedWork([1, 1, 1], 3) }], { shadow: true });
  expect(rings(result).sq).toBe(1);
  expect(times(result, 'command.setup')).toEqual([0, V + THINK.afterSubmit, V + THINK.afterSubmit + U + THINK.afterSubmit]);
});

test('a batch is fetched in one pass, completed in one backend batch, and signalled once', () => {
  const batch = 4;
  const result = run([{ work: new FixedWork([batch], batch) }]);
  const first = D + T.wake;
  const passEnd = first + batch * T.fetch;
  const completed = passEnd + T.backend;
  const signalled = completed + batch * T.complete + T.interrupt;
  expect(times(result, 'command.fetch')).toEqual([0, 1, 2, 3].map((i) => first + i * T.fetch));
  expect(times(result, 'command.complete')).toEqual([0, 1, 2, 3].map((i) => completed + i * T.complete));
  expect(times(result, 'interrupt')).toEqual([signalled]);
  expect(rings(result)).toEqual({ sq: 1, cq: 1 });
});

test('a backend that completes two at a time leads to two interrupts for a batch of four', () => {
  const result = run([{ work: new FixedWork([4], 4) }], { service: new ConstantService({}, 2) });
  const first = D + T.wake + 4 * T.fetch + T.backend;
  // The backend goes on as soon as the second completion has left the device.
  const second = first + 2 * T.complete + T.backend;
  expect(times(result, 'command.complete')).toEqual([first, first + T.complete, second, second + T.complete]);
  expect(times(result, 'interrupt').length).toBe(2);
});

test('a driver that announces every command submits a batch without thinking in between', () => {
  const result = run([{ work: new FixedWork([3], 3) }], { driver: PER_COMMAND });
  expect(times(result, 'doorbell.mmio', { side: 'sq' })).toEqual([D, V + D, 2 * V + D]);
});

test('a batch larger than the window goes when nothing is outstanding, all of it', () => {
  for (const driver of [BATCHED, PER_COMMAND]) {
    const result = run([{ work: new FixedWork([4, 4], 2), sqDepth: 8 }], { driver });
    const setups = times(result, 'command.setup');
    const lastReap = times(result, 'command.reap')[3]!;
    expect(setups.slice(0, 4).every((time) => time <= 3 * V)).toBe(true);
    expect(setups[4]).toBe(lastReap + V + THINK.afterReap);
  }
});

test('an interrupt that finds the vCPU at work costs CPU time, and the work goes on afterwards', () => {
  // Two commands; the vCPU thinks so long about the second that the first one's interrupt comes in between.
  const think = 200_000;
  const result = run([{ work: new FixedWork([1, 1], 2, { afterSubmit: think }) }]);
  const signalled = D + T.wake + T.fetch + T.backend + T.complete + T.interrupt;
  const reaped = signalled + T.busyHandler;
  expect(times(result, 'command.reap')[0]).toBe(reaped);
  expect(times(result, 'command.setup')[1]).toBe(V + think + T.busyHandler + V);
});

test('a write that needs the lock waits while the device works, one that does not goes at once', () => {
  // The second queue rings while the device fetches for the first.
  const late = D + T.wake + 1;
  const over = (transport: Transport): Run =>
    run([{ work: new FixedWork([3], 3) }, { work: new FixedWork([1], 1, { startNs: late }) }], { transport });
  const locked = over(LOCKED_WRITE);
  const passEnd = D + T.wake + 3 * T.fetch;
  expect(times(locked, 'command.setup', { qid: 2 })).toEqual([late]);
  const letIn = passEnd + T.lockWake;
  // The lock is needed when the write has left the guest.
  expect(times(locked, 'doorbell.mmio', { qid: 2, side: 'sq' })).toEqual([letIn]);
  expect(locked.vcpuDoorbellNs).toBe(4 * V + (letIn - (late + D)));
  const free = over(FREE_WRITE);
  expect(times(free, 'doorbell.mmio', { qid: 2, side: 'sq' })).toEqual([late + D]);
  expect(free.vcpuDoorbellNs).toBe(4 * V);
});

test('passes found pending together run last scheduled first', () => {
  // Both queues ring while the loop wakes up.
  const result = run([{ work: new FixedWork([2], 2) }, { work: new FixedWork([1], 1, { startNs: 100 }) }]);
  const first = D + T.wake;
  expect(times(result, 'command.fetch', { qid: 2 })).toEqual([first]);
  expect(times(result, 'command.fetch', { qid: 1 })).toEqual([first + T.fetch, first + 2 * T.fetch]);
});

test('waking a sleeping device costs the vCPU its kick; one that is awake or waking costs nothing more', () => {
  const kick = 2_500;
  const result = run([{ work: new FixedWork([1, 1], 2) }], { service: new ConstantService({ kick }) });
  expect(times(result, 'command.setup')).toEqual([0, V + kick + THINK.afterSubmit]);
  const { sq, cq } = rings(result);
  expect(result.vcpuDoorbellNs).toBe((sq + cq) * V + kick);
});

test('the handler goes on behind its doorbell, and takes longer for each completion more', () => {
  const handlerTail = 900;
  const perCompletion = 350;
  const think = 200_000;
  const result = run([{ work: new FixedWork([3, 1], 4, { afterSubmit: think }) }], { service: new ConstantService({ handlerTail, perCompletion }) });
  const signalled = D + T.wake + 3 * T.fetch + T.backend + 3 * T.complete + T.interrupt;
  const handler = T.busyHandler + 2 * perCompletion;
  expect(times(result, 'command.reap')[0]).toBe(signalled + handler);
  expect(times(result, 'command.setup')[3]).toBe(V + think + handler + V + handlerTail);
});

test('a driver without interrupts looks for completions when it cannot go on without them', () => {
  const result = run([{ work: oneByOne(2), polled: true }]);
  const posted = D + T.wake + T.fetch + T.backend + T.complete;
  expect(times(result, 'interrupt')).toEqual([]);
  expect(times(result, 'command.reap')[0]).toBe(posted + T.pendingHandler);
  expect(times(result, 'command.setup')[1]).toBe(posted + T.pendingHandler + V + THINK.afterReap);
  expect(result).toMatchObject({ reaped: 2, stalls: [] });
});

test('a worker that takes the core has its command done at the end of the fetch, and those before it; the others wait until the loop sleeps', () => {
  const long = 9_000;
  const done = 700;
  // Of four fetches the second is long: two are done when the pass ends, two wait.
  const service = new (class extends ConstantService {
    readonly workers = new (class implements Workers {
      tookCore = false;
      private fetched = 0;
      fetchNs(first: boolean): number {
        expect(first).toBe(this.fetched === 0);
        this.tookCore = this.fetched++ === 1;
        return this.tookCore ? long : T.fetch;
      }
      doneNs(): number {
        return done;
      }
    })();
  })();
  const result = run([{ work: new FixedWork([4], 4) }], { service });
  const passEnd = D + T.wake + 3 * T.fetch + long;
  const first = passEnd + done;
  const second = first + 2 * T.complete + T.backend;
  expect(times(result, 'command.complete')).toEqual([first, first + T.complete, second, second + T.complete]);
});

describe('what workers have done while the loop fetched', () => {
  /** Every command is done when its fetch ends. */
  class Done extends ConstantService {
    readonly workers = new (class implements Workers {
      readonly tookCore = true;
      fetchNs(): number {
        return T.fetch;
      }
      doneNs(): number {
        return 9_000;
      }
    })();
  }

  test('leaves no gap for a vCPU: a register write that comes in between is let in behind the completions', () => {
    // The second submission comes when the pass has ended and the first command isn't completed.
    const passEnd = D + T.wake + T.fetch;
    const comes = passEnd + 1_000;
    const work = new FixedWork([1, 1], 2, { afterSubmit: comes - V });
    const result = run([{ work }], { service: new Done(), transport: LOCKED_WRITE });
    const completed = times(result, 'command.complete')[0]!;
    expect(completed).toBe(passEnd + 9_000);
    expect(times(result, 'command.setup')[1]).toBe(comes);
    expect(times(result, 'doorbell.mmio', { side: 'sq' })[1]).toBeGreaterThan(completed);
  });

  test('is posted before anything else completes, whatever was fetched in between', () => {
    for (const afterSubmit of [2_000, 5_000, 8_000, 13_000, 21_000]) {
      const result = run([{ work: new FixedWork(Array.from({ length: 60 }, () => 1), 8, { afterSubmit }) }], { service: new Done(), transport: LOCKED_WRITE });
      const device = result.events.flatMap(({ kind }) => (kind === KIND['command.fetch'] ? 'F' : kind === KIND['command.complete'] ? 'C' : kind === KIND.interrupt ? 'I' : '')).join('');
      expect(device).toMatch(/^(?:F+|C+F*I)+$/);
    }
  });
});

test('a driver that polls goes on until there is nothing: what was posted while it wrote the register', () => {
  // Posting takes time with shadow doorbells on, so that the poller sees the first completion alone.
  const service = new ConstantService({ pendingHandler: 0 });
  const result = run([{ work: new FixedWork([2, 2], 2), polled: true }], { service, shadow: true, transport: LOCKED_WRITE });
  const reaps = times(result, 'command.reap');
  expect(reaps[0]).toBeLessThan(reaps[1]!);
  expect(times(result, 'command.setup')[2]).toBeGreaterThan(reaps[1]!);
  expect(result).toMatchObject({ reaped: 4, stalls: [] });
});

test('a special command takes its own time, and a submitter that waits for it submits nothing meanwhile', () => {
  const special = 700_000;
  class Flushing extends FixedWork {
    private taken = 0;
    override nextBatch(): number {
      this.taken += 1;
      return super.nextBatch();
    }
    get opcode(): number {
      return this.taken === 1 ? 0 : -1;
    }
    get waits(): boolean {
      return this.taken === 1;
    }
  }
  class Slow extends ConstantService {
    specialNs(): number {
      return special;
    }
  }
  const result = run([{ work: new Flushing([1, 1], 4) }], { service: new Slow() });
  const completed = D + T.wake + special;
  expect(times(result, 'command.complete')[0]).toBe(completed);
  const reaped = completed + T.complete + T.interrupt + T.handler;
  expect(times(result, 'command.setup')[1]).toBe(reaped + V + THINK.afterReap);
});

test('a queue without work does nothing, and a machine without work ends at once', () => {
  const result = run([{ work: oneByOne(0) }]);
  expect(result).toMatchObject({ durationNs: 0, submitted: 0, stalls: [] });
  const created = ['its CQ', 'its SQ'];
  expect(result.events.length).toBe(created.length);
});
