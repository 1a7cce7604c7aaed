// A second, plain interpreter of the same programs (test/support/interpreter) takes each counterexample step by step: program order, values,
// store buffers and the ring rule are its own. It confirms that each step can happen, and that from the end on nothing gets done.

import { describe, expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { withKnobs } from '../../src/model/driver/knobs.js';
import { CQ_POLICIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { type Policy, REREAD, type SqPolicy } from '../../src/model/policy/policy.js';
import { ringNeeded, ringNeededInclusive } from '../../src/nvme/notify.js';
import type { Action, Exploration } from '../../src/verify/explore.js';
import { MEMORY_MODELS } from '../../src/verify/memory.js';
import { BARRIER_SETTINGS } from '../../src/verify/table.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../../src/verify/variants.js';
import { type Question, verify } from '../../src/verify/verify.js';
import { passes } from '../support/interpreter/driver.js';
import { refute } from '../support/interpreter/confirm.js';
import { cqPolicy, sqPolicy } from '../support/policies.js';

const driver = (name: string): Question['driver'] => DRIVERS.find((each) => each.name === name)!;
/** A small queue, and states up to which a counterexample is looked for: what docs/verify.md shows, in its bounds, is confirmed in table.test.ts. */
const bounds = { depth: 3, commands: 4, batch: 2, maxStates: 4_000 };
const PLAIN = { driver: DRIVERS[0]!, deviceBarrier: 'full', memory: 'tso', stale: false, bounds } as const;
const SETTINGS = [...BARRIER_SETTINGS, { name: 'read barrier', driverBarrier: 'read', deviceBarrier: 'full' } as const];

const SQ: readonly SqPolicy[] = [
  ...SQ_POLICIES, ...SOUND_VARIANTS, ...FAULTY_VARIANTS, sqPolicy('P7', { b: 2 }), sqPolicy('P10', { k: 1, 'timer-us': 0 }), sqPolicy('P11', { 'timer-us': 0 }),
  sqPolicy('P12', { 'timer-us': 0 }), sqPolicy('P14', { reread: 1 }), sqPolicy('P15', { c: 2 }), sqPolicy('P16', { trail: 1 }),
];
const CQ: readonly Policy[] = [...CQ_POLICIES, cqPolicy('C1', { 'recheck-us': 5 }), cqPolicy('C6', { 'recheck-us': 0 }), cqPolicy('C7', { 'recheck-us': 0 })];

/** Confirms what isn't safe; returns how many counterexamples that were, by verdict. */
function confirmed(questions: readonly Question[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const question of questions) {
    const exploration = verify(question);
    if (exploration.path.length === 0) continue;
    expect(refute(question, exploration), `${question.policy.name}, ${question.driver.name}, ${question.memory}`).toBeUndefined();
    counts[exploration.verdict] = (counts[exploration.verdict] ?? 0) + 1;
  }
  return counts;
}

describe.each(MEMORY_MODELS)('under %s', (memory) => {
  test.each(SETTINGS)('submission queues, $name', ({ driverBarrier, deviceBarrier }) => {
    const counts = confirmed(SQ.map((policy) => ({ ...PLAIN, memory, policy, driverBarrier, deviceBarrier })));
    // P14, the faulty variants, and look-ahead without a timer lose wake-ups whatever is in place.
    expect(counts['lost-wakeup']).toBeGreaterThanOrEqual(8);
  });

  test.each(SETTINGS)('completion queues, $name', ({ driverBarrier, deviceBarrier }) => {
    const counts = confirmed(CQ.map((policy) => ({ ...PLAIN, memory, policy, driverBarrier, deviceBarrier })));
    expect(counts['lost-completion']).toBeGreaterThanOrEqual(2);
  });

  test.each(['google-2014', 'linux-4.12', 'spdk', 'spdk-delayed'])('driver %s as it is', (name) => {
    const counts = confirmed(SQ.map((policy) => ({ ...PLAIN, memory, policy, driver: driver(name) })));
    expect(counts['lost-wakeup']).toBeGreaterThanOrEqual(memory === 'sc' || name.startsWith('spdk') ? FAULTY_VARIANTS.length : 20);
  });
});

test('leftovers of an earlier life, and a reset in the middle', () => {
  expect(confirmed(SQ.map((policy) => ({ ...PLAIN, policy, stale: true })))).toEqual({ 'stale-shadow': SQ.length - 1 });
  expect(confirmed(SQ.map((policy) => ({ ...PLAIN, policy, reset: 'kept' as const })))['stale-shadow']).toBe(SQ.length - 1);
  expect(confirmed(SQ.map((policy) => ({ ...PLAIN, policy, reset: 'cleared' as const })))['lost-wakeup']).toBeGreaterThanOrEqual(7);
});

test.each(MEMORY_MODELS)('two threads that post to one completion queue, under %s', (memory) => {
  const small = { ...bounds, depth: 2, commands: 3, batch: 1 };
  const ways = SETTINGS.flatMap(({ driverBarrier, deviceBarrier }) => CQ.map((policy) => ({ ...PLAIN, memory, policy, queues: 2, driverBarrier, deviceBarrier, bounds: small })));
  expect(confirmed(ways)['lost-completion']).toBeGreaterThanOrEqual(10);
});

test('a driver with batches of its own, and one that announces each completion', () => {
  const drivers = [{ batch: 1 }, { 'cq-batch': 1 }, { inclusive: 1, barrier: 0 }, { barrier: 1 }].map((values) => withKnobs(DRIVERS[0]!, values));
  const counts = confirmed(drivers.flatMap((each) => [...FAULTY_VARIANTS, ...CQ].map((policy) => ({ ...PLAIN, policy, driver: each }))));
  expect(counts['lost-wakeup']).toBe(drivers.length * FAULTY_VARIANTS.length);
  expect(counts['lost-completion']).toBeGreaterThanOrEqual(drivers.length * 2);
});

describe('livelock', () => {
  const polling = (onStart: SqPolicy['program']['onStart'], onEmpty: SqPolicy['program']['onEmpty']): Question => ({
    ...PLAIN,
    policy: { ...sqPolicy('P2'), program: { onStart, onCommand: [], onEmpty } },
  });
  const POLL = { step: 'poll', everyNs: 1 } as const;
  const TIMER = { step: 'timer', afterNs: 1 } as const;

  test('a device that polls or sets timers and never looks', () => {
    expect(confirmed([polling([], [POLL]), polling([], [TIMER])])).toEqual({ livelock: 2 });
  });

  test('is refuted where the device gets there after all', () => {
    const found = verify(polling([], [POLL]));
    expect(refute(polling([REREAD], [POLL]), { ...found, path: found.path.slice(0, 3) })).toBe('what was announced can still get done');
  });
});

describe('what was tampered with is refuted', () => {
  const asked: readonly (readonly [string, Question])[] = [
    ['a submission queue', { ...PLAIN, policy: sqPolicy('P5'), driver: driver('google-2014') }],
    ['completions', { ...PLAIN, policy: sqPolicy('P14') }],
    ['a completion queue', { ...PLAIN, policy: cqPolicy('C3') }],
    ['two posters', { ...PLAIN, policy: cqPolicy('C1'), queues: 2 }],
    ['loads that come early', { ...PLAIN, policy: sqPolicy('P8'), driver: driver('linux-4.12'), memory: 'arm' }],
    ['a reset', { ...PLAIN, policy: sqPolicy('P8'), reset: 'kept' }],
  ];
  test.each(asked)('%s: without a step, with another value, by the other thread, cut short, judged otherwise', (_, question) => {
    const found = verify(question);
    const { path } = found;
    const holds = (other: Partial<Exploration>): boolean => refute(question, { ...found, ...other }) === undefined;
    const altered = (i: number, change: Partial<Action>): boolean => holds({ path: path.with(i, { ...path[i]!, ...change }) });
    expect(path.length).toBeGreaterThan(10);
    expect(holds({})).toBe(true);
    for (const [i, { thread, value }] of path.entries()) {
      expect(holds({ path: path.toSpliced(i, 1) }), `without step ${i + 1}`).toBe(false);
      expect(holds({ path: path.slice(0, i) }), `the first ${i}`).toBe(false);
      expect(altered(i, { thread: thread === 'driver' ? 'device' : 'driver' }), `step ${i + 1} by the other`).toBe(false);
      if (value !== undefined) expect(altered(i, { value: value + 1 }), `step ${i + 1} with ${value + 1}`).toBe(false);
    }
    expect(holds({ verdict: 'livelock' })).toBe(false);
    expect(holds({ start: 'queue empty, shadow = 3, EventIdx = 0' })).toBe(false);
    expect(refute({ ...question, driverBarrier: 'full', deviceBarrier: 'full', policy: question.policy.side === 'sq' ? sqPolicy('P8') : cqPolicy('C5'), reset: 'none', stale: false }, found)).toBeDefined();
  });
});

test('the ring rule: what the drivers compute is what the interpreter walks', () => {
  const edges = [0, 1, 2, 3, 6, 7, 0xfffe, 0xffff];
  for (const eventIdx of edges) {
    for (const old of edges.slice(0, 6)) {
      for (const value of edges.slice(0, 6)) {
        expect(passes(eventIdx, old, value, false), `${eventIdx} ${old} ${value}`).toBe(ringNeeded(eventIdx, value, old));
        expect(passes(eventIdx, old, value, true), `${eventIdx} ${old} ${value}`).toBe(ringNeededInclusive(eventIdx, value, old));
      }
    }
  }
});
