// Who has a core, and when: threads whose bursts are written out.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/model/clock.js';
import { Host } from '../../src/model/host.js';
import { SpareCore } from '../../src/model/spare-core.js';
import type { HostOptions, Thread, ThreadRole } from '../../src/model/thread.js';
import { PATIENT_HOST } from '../support/machine.js';
import { holds } from '../support/property.js';

const QUANTUM = 3_000;
const SCALE = 150;

/** A host whose threads write down when their bursts end. */
class Bench {
  readonly clock = new Clock();
  readonly host: Host;
  readonly log: string[] = [];

  constructor(options: Partial<HostOptions> = {}) {
    this.host = new Host(this.clock, { ...PATIENT_HOST, cores: 1, quantumNs: QUANTUM, balanceScaleNs: SCALE, ...options });
  }

  thread(name: string, role: ThreadRole, then: (code: number, nowNs: number) => void = () => {}): Thread {
    return this.host.addThread(role, (code, nowNs) => {
      this.log.push(`${name}${code} ${nowNs}`);
      then(code, nowNs);
    });
  }

  /** Does something at a time. */
  at(timeNs: number, act: (nowNs: number) => void): void {
    const actor = this.clock.addActor((_, nowNs) => act(nowNs));
    this.clock.at(timeNs, actor, 0);
  }

  begin(thread: Thread, timeNs: number, cpuNs: number, code = 0): void {
    this.at(timeNs, (nowNs) => this.host.begin(thread, cpuNs, code, nowNs));
  }

  run(): readonly string[] {
    expect(this.clock.run(10_000)).toBe(true);
    return this.log;
  }
}

test('with a core for each, nobody waits', () => {
  const bench = new Bench({ cores: 3 });
  for (const name of ['a', 'b']) bench.begin(bench.thread(name, 'vcpu'), 10, 100);
  bench.begin(bench.thread('loop', 'loop'), 20, 100);
  expect(bench.run()).toEqual(['a0 110', 'b0 110', 'loop0 120']);
});

test('on one core they go in the order in which they became ready, the main loop first', () => {
  const bench = new Bench();
  for (const name of ['a', 'b', 'c']) bench.begin(bench.thread(name, 'vcpu'), 0, 100);
  bench.begin(bench.thread('loop', 'loop'), 50, 10);
  expect(bench.run()).toEqual(['a0 100', `loop0 ${100 + 10}`, `b0 ${100 + 10 + 100}`, `c0 ${100 + 10 + 100 + 100}`]);
});

test('a vCPU keeps the core for a quantum at most while others are ready: they take turns', () => {
  const bench = new Bench();
  const work = 2 * QUANTUM + 500;
  const a = bench.thread('a', 'vcpu');
  const b = bench.thread('b', 'vcpu');
  bench.begin(a, 0, work);
  bench.begin(b, 0, work);
  // a b a b a b: the last turns are the rest of 500 ns each.
  expect(bench.run()).toEqual([`a0 ${4 * QUANTUM + 500}`, `b0 ${4 * QUANTUM + 2 * 500}`]);
  expect([a.cpuNs, b.cpuNs]).toEqual([work, work]);
});

test('a vCPU alone has no quantum', () => {
  const bench = new Bench();
  bench.begin(bench.thread('a', 'vcpu'), 0, 10 * QUANTUM);
  expect(bench.run()).toEqual([`a0 ${10 * QUANTUM}`]);
});

test('a main loop that does not preempt waits for the end of the quantum', () => {
  const bench = new Bench();
  bench.begin(bench.thread('a', 'vcpu'), 0, 2 * QUANTUM);
  bench.begin(bench.thread('loop', 'loop'), 100, 40);
  expect(bench.run()).toEqual([`loop0 ${QUANTUM + 40}`, `a0 ${2 * QUANTUM + 40}`]);
});

test('a main loop that preempts runs at once, and the burst that it cut is continued', () => {
  const bench = new Bench({ draw: () => 0 });
  bench.begin(bench.thread('a', 'vcpu'), 0, 1000);
  bench.begin(bench.thread('loop', 'loop'), 100, 40);
  expect(bench.run()).toEqual([`loop0 ${100 + 40}`, `a0 ${1000 + 40}`]);
});

test('the main loop is never preempted', () => {
  const bench = new Bench({ draw: () => 0 });
  bench.begin(bench.thread('loop', 'loop'), 0, 10 * QUANTUM);
  bench.begin(bench.thread('a', 'vcpu'), 1, 10);
  bench.begin(bench.thread('b', 'vcpu'), 2, 10);
  expect(bench.run()[0]).toBe(`loop0 ${10 * QUANTUM}`);
});

/** Whether the loop preempts at 600 ns, when it had `loopNs` and the vCPU the rest. */
function preempts(draw: number, { loopNs = 0, ...options }: Partial<HostOptions> & { loopNs?: number } = {}): boolean {
  const bench = new Bench({ ...options, draw: () => draw });
  const loop = bench.thread('loop', 'loop');
  if (loopNs > 0) bench.begin(loop, 0, loopNs, 1);
  bench.begin(bench.thread('a', 'vcpu'), loopNs, QUANTUM);
  bench.begin(loop, 600, 1, 2);
  return bench.run().includes('loop2 601');
}

function chance(balanceNs: number): number {
  return 1 / (1 + Math.exp(-balanceNs / SCALE));
}

test('the chance to preempt grows with the CPU time that vCPUs had more, at the last time they were looked at', () => {
  // The running vCPU's time counts once it is paused: at the decision the balance is still 0.
  expect(preempts(chance(0) - 0.01)).toBe(true);
  expect(preempts(chance(0) + 0.01)).toBe(false);
});

test("the main loop's own time lowers the chance, by its weight", () => {
  for (const loopWeight of [1, 3]) {
    expect(preempts(chance(-loopWeight * 200) - 0.01, { loopNs: 200, loopWeight })).toBe(true);
    expect(preempts(chance(-loopWeight * 200) + 0.01, { loopNs: 200, loopWeight })).toBe(false);
  }
});

test('the balance is bounded', () => {
  const balanceLimitNs = 100;
  expect(preempts(chance(-balanceLimitNs) - 0.01, { loopNs: 500, balanceLimitNs })).toBe(true);
  expect(preempts(chance(-balanceLimitNs) + 0.01, { loopNs: 500, balanceLimitNs })).toBe(false);
});

test('an interrupt goes on top of what it interrupts, which then continues', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu');
  bench.begin(a, 0, 100, 1);
  bench.begin(a, 40, 30, 2);
  bench.begin(a, 50, 5, 3);
  expect(bench.run()).toEqual([`a3 ${50 + 5}`, `a2 ${40 + 30 + 5}`, `a1 ${100 + 30 + 5}`]);
  expect(a.cpuNs).toBe(100 + 30 + 5);
});

test('an interrupt for a vCPU that waits for the core is its first burst when it gets it', () => {
  const bench = new Bench();
  const b = bench.thread('b', 'vcpu');
  bench.begin(bench.thread('a', 'vcpu'), 0, 100);
  bench.begin(b, 10, 50, 1);
  bench.begin(b, 20, 5, 2);
  expect(bench.run()).toEqual(['a0 100', `b2 ${100 + 5}`, `b1 ${100 + 5 + 50}`]);
});

test('what a handler begins runs before what was on the stack', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu', (code, nowNs) => {
    if (code === 2) bench.host.begin(a, 7, 3, nowNs);
  });
  bench.begin(a, 0, 100, 1);
  bench.begin(a, 40, 30, 2);
  expect(bench.run()).toEqual([`a2 ${40 + 30}`, `a3 ${40 + 30 + 7}`, `a1 ${100 + 30 + 7}`]);
});

test('of the bursts that a handler begins, the last one starts, once', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu', (code, nowNs) => {
    if (code === 1) for (const next of [2, 3, 4]) bench.host.begin(a, next, next, nowNs);
  });
  bench.begin(a, 0, 100, 1);
  expect(bench.run()).toEqual(['a1 100', `a4 ${100 + 4}`, `a3 ${100 + 4 + 3}`, `a2 ${100 + 4 + 3 + 2}`]);
  // Its beginning, and the end of each burst: no start that another one made void.
  expect(bench.clock.handled).toBe(1 + 4);
});

test('it makes no difference whether anything else happens between two bursts', () => {
  const burst = fc.record({ thread: fc.nat(2), atNs: fc.nat(60), cpuNs: fc.nat(9), behind: fc.array(fc.nat(9), { maxLength: 3 }) });
  holds(
    fc.property(fc.array(burst, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (bursts, cores) => {
      const logOf = (disturbed: boolean): readonly string[] => {
        const bench = new Bench({ cores, quantumNs: 7, draw: () => 0 });
        const threads = [0, 1, 2].map((i) => {
          const thread = bench.thread(`t${i}`, i === 0 ? 'loop' : 'vcpu', (code, nowNs) => {
            for (const ns of bursts[code]?.behind ?? []) bench.host.begin(thread, ns, bursts.length, nowNs);
          });
          return thread;
        });
        for (const [code, { thread, atNs, cpuNs }] of bursts.entries()) bench.begin(threads[thread]!, atNs, cpuNs, code);
        // Behind everything that happens at the same time, and doing nothing.
        if (disturbed) for (let atNs = 0; atNs < 1_000; atNs++) bench.at(atNs, () => {});
        return bench.run();
      };
      expect(logOf(true)).toEqual(logOf(false));
    }),
  );
});

test('CPU time that leads to nothing goes before the rest of the burst at hand', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu');
  bench.begin(a, 0, 100, 1);
  bench.at(50, (nowNs) => bench.host.spend(a, 30, nowNs));
  expect(bench.run()).toEqual([`a1 ${100 + 30}`]);
});

test('CPU time that leads to nothing keeps a thread busy that has nothing else to do', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu');
  bench.at(10, (nowNs) => bench.host.spend(a, 30, nowNs));
  bench.at(10 + 29, () => expect(a.state).toBe('running'));
  bench.at(10 + 31, () => expect(a.state).toBe('idle'));
  expect(bench.run()).toEqual([]);
  expect(a.cpuNs).toBe(30);
});

test('it is what a burst would be whose end nobody handles', () => {
  const burst = fc.record({ atNs: fc.nat(60), cpuNs: fc.nat(9), spends: fc.array(fc.nat(9), { maxLength: 3 }) });
  holds(
    fc.property(fc.array(burst, { minLength: 1, maxLength: 12 }), (bursts) => {
      const endsOf = (spends: boolean): readonly string[] => {
        const bench = new Bench();
        const thread = bench.thread('a', 'vcpu', (code, nowNs) => {
          for (const ns of bursts[code]?.spends ?? []) {
            if (spends) bench.host.spend(thread, ns, nowNs);
            else bench.host.begin(thread, ns, bursts.length, nowNs);
          }
        });
        // No two begin at one time.
        for (const [code, { atNs, cpuNs }] of bursts.entries()) bench.begin(thread, atNs + code / 16, cpuNs, code);
        return bench.run().filter((line) => !line.startsWith(`a${bursts.length} `));
      };
      expect(endsOf(true)).toEqual(endsOf(false));
    }),
  );
});

test('a vCPU that loses its core to whom it wakes, and has nothing left to do, is idle, and the core is the other\'s', () => {
  const bench = new Bench({ draw: () => 0 });
  const loop = bench.thread('loop', 'loop');
  const a = bench.thread('a', 'vcpu', (_, nowNs) => bench.host.begin(loop, 50, 0, nowNs));
  bench.begin(a, 0, 10);
  bench.begin(bench.thread('b', 'vcpu'), 20, 5);
  expect(bench.run()).toEqual(['a0 10', `loop0 ${10 + 50}`, `b0 ${10 + 50 + 5}`]);
  expect(a.state).toBe('idle');
});

test('a parked thread leaves its core to others, and comes back when it is unparked', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu', (code, nowNs) => {
    if (code !== 1) return;
    bench.host.park(a);
    bench.host.begin(a, 20, 2, nowNs);
  });
  bench.begin(a, 0, 100, 1);
  bench.begin(bench.thread('b', 'vcpu'), 50, 1000);
  bench.at(500, (nowNs) => bench.host.unpark(a, nowNs));
  expect(bench.run()).toEqual(['a1 100', `b0 ${100 + 1000}`, `a2 ${100 + 1000 + 20}`]);
});

test('parking and unparking within one handler changes nothing', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu', (code, nowNs) => {
    if (code !== 1) return;
    bench.host.park(a);
    bench.host.begin(a, 20, 2, nowNs);
    bench.host.unpark(a, nowNs);
  });
  bench.begin(a, 0, 100, 1);
  expect(bench.run()).toEqual(['a1 100', 'a2 120']);
});

test('an unparked thread without bursts is idle', () => {
  const bench = new Bench();
  const a = bench.thread('a', 'vcpu', () => bench.host.park(a));
  bench.begin(a, 0, 10);
  bench.at(50, (nowNs) => bench.host.unpark(a, nowNs));
  bench.run();
  expect(a.state).toBe('idle');
});

test('on one core the threads together never have more CPU time than has passed', () => {
  const bench = new Bench({ draw: () => 0 });
  const threads = [bench.thread('a', 'vcpu'), bench.thread('b', 'vcpu'), bench.thread('loop', 'loop')];
  for (let i = 0; i < 30; i++) bench.begin(threads[i % 3]!, i * 37, 50 + i, i);
  bench.run();
  const given = Array.from({ length: 30 }, (_, i) => 50 + i).reduce((sum, ns) => sum + ns, 0);
  expect(threads.reduce((sum, { cpuNs }) => sum + cpuNs, 0)).toBe(given);
  expect(bench.clock.nowNs).toBeGreaterThanOrEqual(given);
});

test('a burst of negative length is our own fault', () => {
  const bench = new Bench();
  expect(() => bench.host.begin(bench.thread('a', 'vcpu'), -1, 0, 0)).toThrow('internal error: a burst of -1 ns');
});

describe('a core that comes and goes', () => {
  /** There from `fromNs` until before `toNs`. */
  function coreBetween(fromNs: number, toNs: number): SpareCore {
    const core = new SpareCore(0, () => 0.5);
    core.isThere = (nowNs) => nowNs >= fromNs && nowNs < toNs;
    return core;
  }

  test('takes a thread that is ready', () => {
    const bench = new Bench({ spareCore: coreBetween(0, 1_000) });
    for (const name of ['a', 'b']) bench.begin(bench.thread(name, 'vcpu'), 10, 100);
    expect(bench.run()).toEqual(['a0 110', 'b0 110']);
  });

  test('takes one that waited for it, as soon as anybody does anything', () => {
    const bench = new Bench({ spareCore: coreBetween(150, 1_000) });
    const a = bench.thread('a', 'vcpu', (code, nowNs) => {
      if (code < 2) bench.host.begin(a, 100, code + 1, nowNs);
    });
    bench.begin(a, 0, 100);
    bench.begin(bench.thread('b', 'vcpu'), 0, 100);
    // Without the core, b would wait for the end of a's quantum.
    expect(bench.run()).toEqual(['a0 100', 'a1 200', 'a2 300', 'b0 300']);
  });

  test('takes a vCPU’s turn with it when it goes, and nothing is lost', () => {
    const bench = new Bench({ spareCore: coreBetween(0, 50) });
    bench.begin(bench.thread('a', 'vcpu'), 0, 100);
    bench.begin(bench.thread('loop', 'loop'), 0, 60);
    bench.begin(bench.thread('b', 'vcpu'), 70, 10);
    expect(bench.run()).toEqual(['loop0 60', 'a0 100', 'b0 110']);
  });

  test('never costs or gives CPU time: every burst ends, none before its time', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(300), fc.boolean()), { minLength: 1, maxLength: 20 }), fc.nat(400), fc.nat(400), (bursts, fromNs, forNs) => {
      const bench = new Bench({ spareCore: coreBetween(fromNs, fromNs + forNs) });
      bursts.forEach(([atNs, cpuNs, loop], i) => bench.begin(bench.thread(`t${i}:`, loop ? 'loop' : 'vcpu'), atNs, cpuNs));
      const ended = new Map(bench.run().map((line) => [Number(/^t(\d+):/.exec(line)![1]), Number(line.split(' ')[1])]));
      expect(ended.size).toBe(bursts.length);
      bursts.forEach(([atNs, cpuNs], i) => expect(ended.get(i)).toBeGreaterThanOrEqual(atNs + cpuNs));
      const last = Math.max(...ended.values());
      const cpuNs = bursts.reduce((sum, [, ns]) => sum + ns, 0);
      // Two cores at most, and never one of them idle for nothing on one core.
      expect(last).toBeLessThanOrEqual(Math.max(...bursts.map(([atNs]) => atNs)) + cpuNs);
    }));
  });
});
