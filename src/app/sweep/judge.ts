// Is a policy safe with that driver? Asked of the verifier once, and kept in the store.

import { createHash } from 'node:crypto';
import type { Store } from '../../store/open.js';
import { type VerdictRow, findVerdict } from '../../store/sweeps.js';
import { BellwetherError } from '../../base/errors.js';
import { DEFAULT_BOUNDS, UNVERIFIABLE, type VerifyOptions } from '../verify.js';
import type { Named } from '../work/orders.js';
import type { WorkThread } from '../work/work-thread.js';
import type { Setting } from './plan.js';

export interface Judged {
  readonly policy: string;
  readonly side: 'sq' | 'cq';
  readonly driver: string;
  readonly sha256: string;
}

const MEMORY = 'tso' as const;

/** The policies of settings, each once with each driver. */
export function toJudge(settings: readonly Setting[]): readonly Judged[] {
  const all = settings.flatMap(({ driver, policy, cqPolicy, policySha256 }): Judged[] => {
    const [sq = '', cq = ''] = policySha256.split('+');
    return [
      { policy, side: 'sq', driver, sha256: sq },
      { policy: cqPolicy, side: 'cq', driver, sha256: cq },
    ];
  });
  return [...new Map(all.map((judged) => [JSON.stringify(judged), judged])).values()];
}

function keyOf(judged: Judged, version: string): string {
  return createHash('sha256').update(JSON.stringify([judged, MEMORY, DEFAULT_BOUNDS, version])).digest('hex');
}

/** The verdict that the store has. */
export function knownVerdict(store: Store, judged: Judged, version: string): VerdictRow | undefined {
  return findVerdict(store, keyOf(judged, version));
}

/** Has a thread verify it; `unverifiable` when it asks for what the verifier doesn't have. */
export async function judge(thread: WorkThread, judged: Judged, version: string): Promise<VerdictRow> {
  const { policy, side, driver } = judged;
  const row = { key: keyOf(judged, version), policy, side, driver, memory: MEMORY, version };
  const options = { policy, side, driver, driverBarrier: undefined, deviceBarrier: 'full' as const, memory: MEMORY, stale: false, bounds: DEFAULT_BOUNDS };
  try {
    const { verdict, states, policies } = await thread.run<{ readonly is: 'verify'; readonly options: Named<VerifyOptions> }>({ is: 'verify', options });
    return { ...row, verdict, states, reason: policies[0]!.reason };
  } catch (error) {
    if (!(error instanceof BellwetherError) || error.code !== UNVERIFIABLE) throw error;
    return { ...row, verdict: 'unverifiable', states: 0, reason: error.message };
  }
}
