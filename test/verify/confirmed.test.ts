// A second, plain interpreter of the same programs takes each counterexample step by step: program order, values, memory and the
// end are its own. It confirms that the steps can happen and that the work is lost.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { CQ_POLICIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../../src/verify/variants.js';
import { BARRIER_SETTINGS } from '../../src/verify/table.js';
import { DEFAULT_BOUNDS, type Question, verify } from '../../src/verify/verify.js';
import { type Claim, confirm } from '../support/interpreter/confirm.js';
import { SLEEPING_SQ, cqPolicy, sqPolicy } from '../support/policies.js';
import { holds } from '../support/property.js';

const driver = (name: string): Question['driver'] => DRIVERS.find((d) => d.name === name)!;
const ask = (question: Pick<Question, 'policy'> & Partial<Question>): Question => ({ driver: driver('linux-batched'), deviceBarrier: 'full', memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS, ...question });

/** Verifies, and confirms what isn't safe; the verdict. */
function confirmed(question: Pick<Question, 'policy'> & Partial<Question>): string {
  const asked = ask(question);
  const claim = verify(asked);
  if (claim.verdict !== 'safe') confirm(asked, claim);
  return claim.verdict;
}

const sqPrograms = [...SQ_POLICIES, ...SOUND_VARIANTS, ...FAULTY_VARIANTS, sqPolicy('P10', { k: 1, 'timer-us': 0 }), sqPolicy('P12', { 'timer-us': 0 })];
const cqPrograms = [...CQ_POLICIES, cqPolicy('C6', { 'recheck-us': 0 })];

describe('every barrier setting', () => {
  test.each([...sqPrograms, ...cqPrograms].map((policy) => [`${policy.side} ${policy.name}`, policy] as const))('%s', (_, policy) => {
    for (const { driverBarrier, deviceBarrier } of [...BARRIER_SETTINGS, { driverBarrier: 'read', deviceBarrier: 'full' } as const]) {
      const verdict = confirmed({ policy, driverBarrier, deviceBarrier });
      expect(['safe', 'lost-wakeup', 'lost-completion']).toContain(verdict);
    }
  });
});

test('the ones that lose wake-ups or completions do so whatever the barriers', () => {
  for (const policy of [sqPolicy('P14'), ...FAULTY_VARIANTS, sqPolicy('P10', { k: 1, 'timer-us': 0 }), sqPolicy('P12', { 'timer-us': 0 })]) expect(confirmed({ policy }), policy.name).toBe('lost-wakeup');
  for (const policy of [cqPolicy('C1'), cqPolicy('C3')]) expect(confirmed({ policy }), policy.name).toBe('lost-completion');
});

test.each(['google-2014', 'linux-4.12'])('%s: the read barrier, under TSO and under the Arm-like model', (name) => {
  for (const policy of SLEEPING_SQ) for (const memory of ['tso', 'arm'] as const) expect(confirmed({ policy, driver: driver(name), memory }), policy.name).toBe('lost-wakeup');
});

test('the Arm-like model without barriers', () => {
  for (const policy of SLEEPING_SQ) expect(confirmed({ policy, memory: 'arm', driverBarrier: 'none' }), policy.name).toBe('lost-wakeup');
  for (const id of ['C2', 'C5']) expect(confirmed({ policy: cqPolicy(id), memory: 'arm', deviceBarrier: 'none' }), id).toBe('lost-completion');
});

test('leftovers of an earlier life, and words that a reset kept', () => {
  for (const policy of SLEEPING_SQ) {
    for (const memory of ['sc', 'tso'] as const) expect(confirmed({ policy, stale: true, memory }), policy.name).toBe('stale-shadow');
    expect(confirmed({ policy, reset: 'kept', memory: 'sc' }), policy.name).toBe('stale-shadow');
  }
});

test('two threads that post to one completion queue', () => {
  const bounds = { ...DEFAULT_BOUNDS, depth: 3 };
  for (const id of ['C1', 'C3']) expect(confirmed({ policy: cqPolicy(id), queues: 2, bounds }), id).toBe('lost-completion');
  for (const id of ['C2', 'C5']) expect(confirmed({ policy: cqPolicy(id), queues: 2, driverBarrier: 'none', bounds }), id).toBe('lost-completion');
});

describe('what can\'t happen is refused', () => {
  const claims: readonly [Question, Claim][] = [ask({ policy: sqPolicy('P5'), driverBarrier: 'none' }), ask({ policy: sqPolicy('P14') }), ask({ policy: cqPolicy('C1') }), ask({ policy: sqPolicy('P8'), driver: driver('google-2014'), memory: 'arm' })].map((question) => [question, verify(question)]);

  test('a path with a step left out', () => {
    for (const [question, claim] of claims) {
      for (const at of claim.path.keys()) {
        const path = claim.path.toSpliced(at, 1);
        // An early load that is left out only means that the load comes later: the value may be the same.
        if (claim.path[at]!.action === 'early-load') continue;
        expect(() => confirm(question, { ...claim, path }), `${question.policy.name} without step ${at + 1}`).toThrow(/step \d+|no end with work left/);
      }
    }
  });

  test('a path with another value, or cut short', () => {
    holds(
      fc.property(fc.constantFrom(...claims), fc.nat(), fc.integer({ min: 1, max: 3 }), ([question, claim], at, by) => {
        const valued = [...claim.path.entries()].filter(([, { value }]) => value !== undefined);
        const [place, action] = valued[at % valued.length]!;
        const path = claim.path.with(place, { ...action, value: (action.value! + by) % DEFAULT_BOUNDS.depth });
        expect(() => confirm(question, { ...claim, path })).toThrow(/step \d+/);
        expect(() => confirm(question, { ...claim, path: claim.path.slice(0, at % claim.path.length) })).toThrow(/no end with work left/);
      }),
    );
  });
});
