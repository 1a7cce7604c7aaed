// Use cases that may run a policy of the user's: such a one runs in a thread of its own, which is ended when it loops. All others run here.

import { interruptedError, unlessAborted } from '../interrupt.js';
import { isOwn } from '../own/load.js';
import { type ReplayResult, replay } from '../replay.js';
import { type VerifyResult, verifyPolicies } from '../verify.js';
import type { Answer, Order } from './orders.js';
import { runsInThreads } from './runs.js';
import { WorkThread } from './work-thread.js';

/**
 * Begins to listen for Ctrl-C. Called only where the work is in another thread: work in this one would keep the signal waiting until
 * it is done, while without a listener it ends the process at once.
 */
export type Interruption = () => AbortSignal;

type OrderOf<K extends Order['is']> = Extract<Order, { readonly is: K }>;

/** Replays a trace; policies by their specs. */
export async function replayNamed(options: OrderOf<'replay'>['options'], interruption?: Interruption): Promise<ReplayResult> {
  if (!isOwn(options.policy) && !isOwn(options.cqPolicy)) return replay({ ...options, makeRuns: runsInThreads });
  return once<OrderOf<'replay'>>({ is: 'replay', options }, interruption);
}

/** Verifies policies by their specs. */
export async function verifyNamed(options: OrderOf<'verify'>['options'], interruption?: Interruption): Promise<VerifyResult> {
  if (!isOwn(options.policy)) return verifyPolicies(options);
  return once<OrderOf<'verify'>>({ is: 'verify', options }, interruption);
}

async function once<O extends Order>(order: O, interruption: Interruption | undefined): Promise<Answer<O>> {
  const signal = interruption?.();
  const thread = new WorkThread();
  try {
    return await unlessAborted(thread.run(order), signal, () => interruptedError('nothing was stored'));
  } finally {
    thread.end();
  }
}
