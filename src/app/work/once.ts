// Use cases that may run a policy of the user's: such a one runs in a thread of its own, which is ended when it loops. All others run here.

import { interruptedError, unlessAborted } from '../interrupt.js';
import { isOwn } from '../own/load.js';
import { type ReplayResult, replay } from '../replay.js';
import { type VerifyResult, verifyPolicies } from '../verify.js';
import type { Answer, Order } from './orders.js';
import { WorkThread } from './work-thread.js';

type OrderOf<K extends Order['is']> = Extract<Order, { readonly is: K }>;

/** Replays a trace; policies by their specs. */
export async function replayNamed(options: OrderOf<'replay'>['options'], signal?: AbortSignal): Promise<ReplayResult> {
  if (!isOwn(options.policy) && !isOwn(options.cqPolicy)) return replay(options);
  return once<OrderOf<'replay'>>({ is: 'replay', options }, signal);
}

/** Verifies policies by their specs. */
export async function verifyNamed(options: OrderOf<'verify'>['options'], signal?: AbortSignal): Promise<VerifyResult> {
  if (!isOwn(options.policy)) return verifyPolicies(options);
  return once<OrderOf<'verify'>>({ is: 'verify', options }, signal);
}

async function once<O extends Order>(order: O, signal: AbortSignal | undefined): Promise<Answer<O>> {
  const thread = new WorkThread();
  try {
    return await unlessAborted(thread.run(order), signal, () => interruptedError('nothing was stored'));
  } finally {
    thread.end();
  }
}
