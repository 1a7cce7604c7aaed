// Use case: can this policy lose a wake-up? One policy, or all of the catalogue.

import { BellwetherError, EXIT, usageError } from '../base/errors.js';
import { CQ_FAMILIES, CQ_POLICIES, SQ_FAMILIES, SQ_POLICIES } from '../model/policy/catalogue.js';
import type { SqFamily } from '../model/policy/family.js';
import type { Policy } from '../model/policy/policy.js';
import type { Reset } from '../verify/submission.js';
import { type DriverBarrier, barrierOf } from '../verify/announcement.js';
import type { MemoryModel } from '../verify/memory.js';
import { UnverifiableError } from '../verify/policy-step.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../verify/variants.js';
import { type Bounds, DEFAULT_BOUNDS, verify } from '../verify/verify.js';
import type { Exploration } from '../verify/explore.js';
import { driverNamed, policyNamed } from './catalogue.js';

export { DEFAULT_BOUNDS };

/** Code of the error that says that a policy can't be verified. */
export const UNVERIFIABLE = 'E_UNVERIFIABLE';

export interface VerifyOptions {
  /** Name or number of a policy, with parameters; or a policy as it is; undefined for all of the catalogue. */
  readonly policy: string | Policy | undefined;
  /** Decides where a name is one of both sides. */
  readonly side: 'sq' | 'cq' | undefined;
  readonly driver: string | undefined;
  /** Instead of the driver's own. */
  readonly driverBarrier: DriverBarrier | undefined;
  readonly deviceBarrier: 'full' | 'none';
  readonly memory: MemoryModel;
  /** Start with leftovers of an earlier life in the shared words. */
  readonly stale: boolean;
  /** SQ: a reset in the middle, after which the driver has cleared the shared words or kept them. */
  readonly reset?: Reset | undefined;
  /** CQ: submission queues that share it, each with a thread of the device. */
  readonly queues?: number | undefined;
  readonly bounds: Bounds;
}

export interface CounterexampleStep {
  readonly step: number;
  readonly thread: 'driver' | 'device';
  readonly action: string;
  readonly value: number | null;
  readonly text: string;
}

export interface PolicyVerdict {
  readonly policy: string;
  readonly id: string;
  readonly side: 'sq' | 'cq';
  readonly verdict: string;
  readonly states: number;
  readonly reason: string;
  /** What holds before the first step; empty without a counterexample. */
  readonly start: string;
  readonly counterexample: readonly CounterexampleStep[];
}

export interface VerifyResult {
  /** `safe` when every policy is; else that of the first one that isn't. */
  readonly verdict: string;
  /** Over all policies. */
  readonly states: number;
  /** Of the first policy that isn't safe. */
  readonly counterexample: readonly CounterexampleStep[];
  readonly driver: string;
  readonly driver_barrier: DriverBarrier;
  readonly device_barrier: 'full' | 'none';
  readonly memory: MemoryModel;
  readonly stale: boolean;
  readonly reset: Reset;
  readonly queues: number;
  readonly bounds: { readonly depth: number; readonly commands: number; readonly batch: number; readonly max_states: number };
  readonly policies: readonly PolicyVerdict[];
}

/** Verifies. Throws a usageError for unknown names, bounds that make no sense, and policies that can't be verified. */
export function verifyPolicies(options: VerifyOptions): VerifyResult {
  const { bounds, deviceBarrier, memory, stale } = options;
  const driver = driverNamed('--driver', options.driver);
  const policies = policiesOf(options);
  if (bounds.batch >= bounds.depth) throw usageError(`--batch ${bounds.batch}: a queue of ${bounds.depth} entries holds at most ${bounds.depth - 1}`, ['a smaller --batch, or a larger --depth']);
  const verdicts = policies.map((policy) => judged(policy, (each) => verify({ ...options, policy: each, driver })));
  const first = verdicts.find(({ verdict }) => verdict !== 'safe');
  return {
    verdict: first?.verdict ?? 'safe',
    states: verdicts.reduce((sum, { states }) => sum + states, 0),
    counterexample: first?.counterexample ?? [],
    driver: driver.name,
    driver_barrier: options.driverBarrier ?? barrierOf(driver),
    device_barrier: deviceBarrier,
    memory,
    stale,
    reset: options.reset ?? 'none',
    queues: options.queues ?? 1,
    bounds: { depth: bounds.depth, commands: bounds.commands, batch: bounds.batch, max_states: bounds.maxStates },
    policies: verdicts,
  };
}

/** The verdict on a policy: as it is, and with values that show all of it on a small queue. The first that isn't safe counts. */
function judged(policy: Policy, explore: (policy: Policy) => Exploration): PolicyVerdict {
  let states = 0;
  for (const each of [policy, ...(policy.scaled === undefined ? [] : [policy.scaled])]) {
    const { verdict, reason, start, path, ...rest } = refusing(policy, () => explore(each));
    states += rest.states;
    if (verdict === 'safe' && each === policy && policy.scaled !== undefined) continue;
    const counterexample = path.map(({ thread, action, value, text }, i) => ({ step: i + 1, thread, action, value: value ?? null, text }));
    return { policy: policy.name, id: policy.id, side: policy.side, verdict, states, reason: each === policy ? reason : `as ${each.name}: ${reason}`, start, counterexample };
  }
  throw new Error('internal error: no policy was judged');
}

/** The sides that are asked for, and for which the options mean something. */
function sidesOf({ side, stale, reset = 'none', queues = 1 }: VerifyOptions): readonly ('sq' | 'cq')[] {
  const sqOnly = stale ? '--stale' : reset === 'none' ? undefined : '--reset';
  const cqOnly = queues > 1 ? '--queues' : undefined;
  if (sqOnly !== undefined && (side === 'cq' || cqOnly !== undefined)) throw usageError(`${sqOnly} is about submission queues`, [`leave out ${side === 'cq' ? '--side cq' : '--queues'}`]);
  if (cqOnly !== undefined && side === 'sq') throw usageError('--queues is about completion queues', ['leave out --side sq']);
  if (side !== undefined) return [side];
  if (sqOnly !== undefined) return ['sq'];
  return cqOnly === undefined ? ['sq', 'cq'] : ['cq'];
}

/** Those asked for, submission queues first. */
function policiesOf(options: VerifyOptions): readonly Policy[] {
  const { policy: asked } = options;
  const sides = sidesOf(options);
  const ofSide = (policy: { readonly side: 'sq' | 'cq' }): boolean => sides.includes(policy.side);
  if (asked === undefined) return [...SQ_POLICIES, ...CQ_POLICIES].filter(ofSide);
  if (typeof asked !== 'string') {
    if (ofSide(asked)) return [asked];
    throw usageError(`policy ${asked.name} is one of ${asked.side === 'sq' ? 'submission' : 'completion'} queues`);
  }
  const variants = [...SOUND_VARIANTS, ...FAULTY_VARIANTS].map(({ name, id, side, formula, provenance, risk, program }): SqFamily => ({ name, id, side, formula, provenance, risk, parameters: [], program: () => program }));
  const families = [...SQ_FAMILIES, ...variants, ...CQ_FAMILIES].filter(ofSide);
  return [policyNamed('POLICY', families, asked)];
}

function refusing<T>(policy: Policy, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnverifiableError)) throw error;
    throw new BellwetherError(UNVERIFIABLE, EXIT.usage, `policy ${policy.name} can't be verified: ${error.message}`, { cause: error });
  }
}
