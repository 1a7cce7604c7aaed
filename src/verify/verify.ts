// The verdict on one policy against one driver under one memory model, within stated bounds.

import type { DriverModel } from '../model/driver/driver.js';
import type { Policy } from '../model/policy/policy.js';
import { type DriverBarrier, barrierOf, onRegister, withBarrier } from './announcement.js';
import { completionSystem } from './completion.js';
import { type Exploration, explore } from './explore.js';
import type { MemoryModel } from './memory.js';
import { NeedsBackendError } from './policy-step.js';
import { type Reset, submissionSystem } from './submission.js';

export interface Bounds {
  /** Entries of the queue, 2 or more. */
  readonly depth: number;
  /** Commands (SQ) or completions (CQ) in all, 1 or more; more than `depth` to go round. */
  readonly commands: number;
  /** Entries that one announcement may carry, 1 or more. */
  readonly batch: number;
  /** States to explore at most, 1 or more. */
  readonly maxStates: number;
}

/** Goes round the ring, with batches; see docs/verify.md for what they take. */
export const DEFAULT_BOUNDS: Bounds = { depth: 4, commands: 6, batch: 2, maxStates: 500_000 };

export interface Question {
  readonly policy: Policy;
  readonly driver: DriverModel;
  /** Instead of the driver's own. */
  readonly driverBarrier?: DriverBarrier | undefined;
  /** `none` takes every barrier out of the policy's program. */
  readonly deviceBarrier: 'full' | 'none';
  readonly memory: MemoryModel;
  /** SQ only: the shared words hold leftovers of an earlier life. */
  readonly stale: boolean;
  /** SQ only: the controller may be reset once in the middle, and the driver clears the shared words then or keeps them. Default: no reset. */
  readonly reset?: Reset | undefined;
  /** CQ only: submission queues that share it, each with a thread of the device. Default: 1. */
  readonly queues?: number | undefined;
  readonly bounds: Bounds;
}

/** Explores every interleaving within the bounds. Throws UnverifiableError when the policy asks for what isn't modelled. */
export function verify({ policy, driver: model, driverBarrier, deviceBarrier, memory, stale, reset = 'none', queues = 1, bounds }: Question): Exploration {
  const driver = withBarrier(model, driverBarrier ?? barrierOf(model));
  const { depth, commands, maxStates } = bounds;
  const common = { deviceBarrier: deviceBarrier === 'full', memory, depth };
  if (policy.side === 'cq') return explore(completionSystem({ ...common, driver, policy, completions: commands, posters: queues, batch: Math.min(bounds.batch, model.cqBatch ?? bounds.batch) }), maxStates);
  const announcer = policy.withoutShadow === true ? onRegister(driver) : driver;
  const submission = (backend: boolean): Exploration =>
    explore(submissionSystem({ ...common, driver: announcer, policy, commands, batch: driver.batched ? Math.min(bounds.batch, driver.batchLimit ?? bounds.batch) : 1, stale: stale && announcer === driver, reset: announcer === driver ? reset : 'none', backend }), maxStates);
  if ((policy.program.onComplete ?? []).length > 0) return submission(true);
  try {
    return submission(false);
  } catch (error) {
    if (!(error instanceof NeedsBackendError)) throw error;
    return submission(true);
  }
}
