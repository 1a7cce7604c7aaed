// Bugs that shipped, from the faithful programs, and the fix that removes each; and what the search must notice.

import { describe, expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { cqArmWhenFull, cqFollowHead, cqNever, cqTailMinusOne } from '../../src/model/policy/cq.js';
import { CQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { BARRIER, type CqPolicy, type PolicyStep, REREAD, type SqPolicy, type SqProgram, publish } from '../../src/model/policy/policy.js';
import { armWhenEmpty, followTail } from '../../src/model/policy/sq.js';
import { advance } from '../../src/nvme/ring.js';
import { type Exploration } from '../../src/verify/explore.js';
import { UnverifiableError } from '../../src/verify/policy-step.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../../src/verify/variants.js';
import { EXACT_SQ, ROBUST_SQ, SLEEPING_SQ, cqPolicy, sqPolicy } from '../support/policies.js';
import { DEFAULT_BOUNDS, type Question, verify } from '../../src/verify/verify.js';

const driver = (name: string): Question['driver'] => DRIVERS.find((d) => d.name === name)!;

function judge(question: Pick<Question, 'policy'> & Partial<Omit<Question, 'bounds'>>, bounds: Partial<Question['bounds']> = {}): Exploration {
  return verify({ driver: driver('linux-batched'), deviceBarrier: 'full', memory: 'tso', stale: false, ...question, bounds: { ...DEFAULT_BOUNDS, ...bounds } });
}

const sq = (program: Partial<SqProgram>): SqPolicy => ({ ...followTail, name: 'test', program: { onStart: [REREAD], onCommand: [], onEmpty: [], ...program } });
const cq = (onPost: readonly PolicyStep[], onFull: readonly PolicyStep[] = []): CqPolicy => ({ ...cqNever, name: 'test', program: { onConfig: [], onPost, onFull } });

describe('the driver\'s barrier', () => {
  const old = ['google-2014', 'linux-4.12'];
  test.each(SLEEPING_SQ)('$name: the 2014 read barrier and Linux before 4.19 lose wake-ups; the full barrier mends both', (policy) => {
    for (const name of old) {
      for (const memory of ['tso', 'arm'] as const) expect(judge({ policy, driver: driver(name), memory }).verdict, `${name} ${memory}`).toBe('lost-wakeup');
      expect(judge({ policy, driver: driver(name), memory: 'sc' }).verdict, name).toBe('safe');
      expect(judge({ policy, driver: driver(name), driverBarrier: 'full' }).verdict, name).toBe('safe');
    }
  });

  test('the counterexample is the store that waits while EventIdx is read', () => {
    const { path, reason } = judge({ policy: armWhenEmpty, driver: driver('google-2014') });
    const late = path.findLastIndex(({ thread, action }) => thread === 'driver' && action === 'visible');
    const suppressed = path.findLastIndex(({ action }) => action === 'suppressed');
    const reread = path.findLastIndex(({ action }) => action === 'reread');
    expect(suppressed).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(Math.max(suppressed, reread));
    expect(reason).toBe('the device sleeps at head 1, the shadow doorbell says 2, and no ring is on its way');
  });
});

describe('predicates', () => {
  const oneShort = sq({ onEmpty: [publish((view) => advance(view.seen, 1, view.depth)), BARRIER, REREAD] });

  test('SPDK\'s is as safe as Linux\' wherever the policy is exact', () => {
    for (const policy of [...ROBUST_SQ, ...SOUND_VARIANTS]) expect(judge({ policy, driver: driver('spdk') }).verdict, policy.name).toBe('safe');
    for (const policy of FAULTY_VARIANTS) expect(judge({ policy, driver: driver('spdk') }).verdict, policy.name).toBe('lost-wakeup');
  });

  test('they differ at EventIdx = new value: one entry of look-ahead is lost with Linux\', not with SPDK\'s', () => {
    expect(judge({ policy: oneShort, driver: driver('linux-per-command') }).verdict).toBe('lost-wakeup');
    expect(judge({ policy: oneShort, driver: driver('spdk') }).verdict).toBe('safe');
  });
});

describe('asleep with look-ahead', () => {
  const lookAhead = publish((view) => advance(view.position, 1, view.depth));
  test('armed ahead of the tail and asleep: lost under every memory model; a timer or polling saves it', () => {
    for (const memory of ['sc', 'tso', 'arm'] as const) expect(judge({ policy: sq({ onEmpty: [lookAhead, BARRIER, REREAD] }), memory }).verdict).toBe('lost-wakeup');
    expect(judge({ policy: sq({ onEmpty: [lookAhead, BARRIER, REREAD, { step: 'timer', afterNs: 1 }] }) }).verdict).toBe('safe');
    expect(judge({ policy: sq({ onEmpty: [lookAhead, { step: 'poll', everyNs: 1 }] }) }).verdict).toBe('safe');
  });

  test('the look-ahead of a polling device is safe once it is taken back before sleeping', () => {
    const find = (all: readonly SqPolicy[], name: string): SqPolicy => all.find((policy) => policy.name === name)!;
    expect(judge({ policy: find(FAULTY_VARIANTS, 'half-depth-asleep') }).verdict).toBe('lost-wakeup');
    expect(judge({ policy: find(SOUND_VARIANTS, 'half-depth-park') }).verdict).toBe('safe');
  });

  test('a device that polls without ever looking is a livelock', () => {
    const { verdict, path } = judge({ policy: sq({ onStart: [], onEmpty: [{ step: 'poll', everyNs: 1 }] }) });
    expect(verdict).toBe('livelock');
    expect(path.length).toBeGreaterThan(0);
  });
});

describe('leftovers of an earlier life', () => {
  test.each(SLEEPING_SQ)('$name: words that a reset didn\'t clear stall the first command', (policy) => {
    for (const memory of ['sc', 'tso'] as const) {
      const { verdict, start, path } = judge({ policy, stale: true, memory });
      expect(verdict).toBe('stale-shadow');
      expect(start).not.toContain('shadow = 0, EventIdx = 0');
      expect(path.map(({ action }) => action)).toEqual(expect.arrayContaining(['add', 'load-old', 'store-shadow', 'suppressed']));
    }
  });
});

describe('completion queues', () => {
  test('QEMU\'s and OpenVMM\'s policies need both barriers', () => {
    for (const policy of [cqFollowHead, cqArmWhenFull]) {
      expect(judge({ policy }).verdict).toBe('safe');
      expect(judge({ policy, deviceBarrier: 'none' }).verdict).toBe('lost-completion');
      expect(judge({ policy, driverBarrier: 'none' }).verdict).toBe('lost-completion');
      expect(judge({ policy, memory: 'sc', driverBarrier: 'none', deviceBarrier: 'none' }).verdict).toBe('safe');
    }
  });

  test('never to be rung loses completions: Propolis before January 2026 (EventIdx = tail), QEMU before 8.0 (EventIdx stays 0)', () => {
    const propolis = cq([REREAD, publish((view) => view.position)]);
    const qemu = cq([REREAD]);
    for (const policy of [propolis, qemu, cqNever]) expect(judge({ policy, memory: 'sc' }).verdict).toBe('lost-completion');
  });

  test('tail-minus-one holds on 4 to 6 entries under sequential consistency, not under TSO, and not on 2 or 3 entries at all', () => {
    for (const depth of [4, 5, 6]) expect(judge({ policy: cqTailMinusOne, memory: 'sc' }, { depth, commands: depth + 2 }).verdict, `${depth}`).toBe('safe');
    expect(judge({ policy: cqTailMinusOne, memory: 'tso' }).verdict).toBe('lost-completion');
    for (const depth of [2, 3]) expect(judge({ policy: cqTailMinusOne, memory: 'sc' }, { depth, batch: 1 }).verdict, `${depth}`).toBe('lost-completion');
  });
});

test('what isn\'t modelled is refused, not judged', () => {
  const reading = sq({ onEmpty: [publish((view) => view.nowNs)] });
  const far = sq({ onEmpty: [publish(() => -1)] });
  const noRegister = sq({ onEmpty: [{ step: 'set', register: 4, value: () => 0 }] });
  const noState = cq([], [{ step: 'set', register: 0, value: () => 0.5 }]);
  for (const policy of [reading, far, noRegister, noState]) expect(() => judge({ policy })).toThrow(UnverifiableError);
});

test('other depths, more laps and larger batches give the same verdicts', () => {
  for (const policy of EXACT_SQ) {
    for (const [depth, commands, batch] of [[2, 5, 1], [3, 8, 2], [5, 7, 4], [8, 10, 2]] as const) {
      expect(judge({ policy }, { depth, commands, batch }).verdict, `${policy.name} ${depth}`).toBe('safe');
      expect(judge({ policy, driverBarrier: 'none' }, { depth, commands, batch }).verdict, `${policy.name} ${depth}`).toBe('lost-wakeup');
    }
  }
  for (const policy of CQ_POLICIES.filter(({ id }) => id === 'C2' || id === 'C5')) {
    for (const [depth, commands, batch] of [[2, 5, 1], [3, 7, 2], [5, 8, 4]] as const) expect(judge({ policy }, { depth, commands, batch }).verdict, `${policy.name} ${depth}`).toBe('safe');
  }
});

test('the bound on states gives unknown', () => {
  expect(judge({ policy: followTail }, { maxStates: 100 }).verdict).toBe('unknown');
});

describe('a reset in the middle', () => {
  test.each(SLEEPING_SQ)('$name: words that are kept stall the next life, cleared ones do not', (policy) => {
    const kept = judge({ policy, reset: 'kept', memory: 'sc' });
    expect(kept.verdict).toBe('stale-shadow');
    expect(kept.path.map(({ action }) => action)).toContain('reset');
    if (policy.id !== 'P18') expect(judge({ policy, reset: 'cleared' }).verdict).toBe('safe');
  });

  test('the register needs no clearing', () => {
    for (const reset of ['kept', 'cleared'] as const) expect(judge({ policy: sqPolicy('P0'), reset }).verdict).toBe('safe');
  });
});

describe('a completion queue that two threads post to, smaller than what they hold', () => {
  const two = (id: string, values = {}, question = {}): string => judge({ policy: cqPolicy(id, values), queues: 2, ...question }, { depth: 3 }).verdict;

  test('policies that arm and look again are safe, also for the thread that didn\'t arm last', () => {
    for (const id of ['C2', 'C4', 'C5', 'C8']) expect(two(id), id).toBe('safe');
    expect(two('C8', { q: 2 })).toBe('safe');
  });

  test('those that poll while they wait are, whoever of them polls', () => {
    for (const id of ['C6', 'C7']) expect(two(id), id).toBe('safe');
    expect(two('C1', { 'recheck-us': 5 })).toBe('safe');
  });

  test('those that don\'t look again are not, and barriers are needed as before', () => {
    for (const id of ['C1', 'C3']) expect(two(id), id).toBe('lost-completion');
    for (const id of ['C2', 'C5']) expect(two(id, {}, { driverBarrier: 'none' }), id).toBe('lost-completion');
  });

  test('all completions are posted: in one go where there is room', () => {
    const { path, verdict } = judge({ policy: cqPolicy('C1'), queues: 2, memory: 'sc' }, { depth: 3 });
    expect(verdict).toBe('lost-completion');
    expect(new Set(path.filter(({ action }) => action === 'take').map(({ text }) => text)).size).toBe(2);
  });
});

describe('policies that depend on more than indexes', () => {
  test('in flight: completions are explored, and what they decide is found', () => {
    expect(judge({ policy: sqPolicy('P14') }).path.length).toBeGreaterThan(0);
    expect(judge({ policy: sqPolicy('P14', { reread: 1 }) }).verdict).toBe('safe');
    for (const c of [1, 2, 3]) expect(judge({ policy: sqPolicy('P15', { c }) }).verdict, `${c}`).toBe('safe');
    // A cap without completions that begin a pass: what waits beyond it is never looked at.
    const { program } = sqPolicy('P15', { c: 1 });
    expect(judge({ policy: { ...sqPolicy('P15'), program: { ...program, onComplete: [] } } }).verdict).toBe('lost-wakeup');
  });

  test('time: both outcomes of a measure are tried', () => {
    const measured = (steps: readonly PolicyStep[]): SqPolicy => sq({ onEmpty: [{ step: 'measure', register: 0, holds: () => true }, ...steps] });
    const arm: readonly PolicyStep[] = [publish((view) => view.seen), BARRIER, REREAD];
    const when = (value: number): readonly PolicyStep[] => arm.map((each) => ({ ...each, when: (view) => view.state[0] === value }));
    expect(judge({ policy: measured([...when(0), ...when(1)]) }).verdict).toBe('safe');
    for (const value of [0, 1]) expect(judge({ policy: measured(when(value)) }).verdict, `${value}`).toBe('lost-wakeup');
  });

  test('a timer or poll that is left out where it is needed is noticed', () => {
    for (const id of ['P10', 'P11', 'P12']) expect(judge({ policy: sqPolicy(id, { 'timer-us': 0 }) }).verdict, id).toBe('lost-wakeup');
    for (const id of ['P2', 'P3', 'P4', 'P16', 'P20']) {
      const { program } = sqPolicy(id);
      const asleep = { ...program, onEmpty: program.onEmpty.filter(({ step }) => step !== 'poll' && step !== 'timer') };
      expect(judge({ policy: { ...sqPolicy(id), program: asleep } }).verdict, id).toBe('lost-wakeup');
    }
  });
});
