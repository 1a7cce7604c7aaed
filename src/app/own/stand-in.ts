// Reports take stored runs. In place of a policy of the user's they have its name and the hash of its file: enough to find its run,
// and none of its code is loaded.

import { DEVICES } from '../../model/device/catalogue.js';
import type { ConfigurationNames } from '../catalogue.js';
import { isOwn, ownHash } from './load.js';

type Policies = Pick<ConfigurationNames, 'policy' | 'cqPolicy'>;

/** The policies of the user's that a what-if is under, as they are spelt. */
export function ownOf({ policy, cqPolicy }: Policies): readonly string[] {
  return [policy, cqPolicy].filter((one) => typeof one === 'string').filter(isOwn);
}

/** The options with stand-ins for policies of the user's. Throws an error that names one whose file can't be read. */
export function withStandIns<T extends Policies>(options: T): T {
  const { policy, cqPolicy } = options;
  const [device] = DEVICES;
  return {
    ...options,
    ...(typeof policy === 'string' && isOwn(policy) ? { policy: { ...device!.sqPolicy, name: policy, sha256: ownHash('--policy', policy) } } : {}),
    ...(typeof cqPolicy === 'string' && isOwn(cqPolicy) ? { cqPolicy: { ...device!.cqPolicy, name: cqPolicy, sha256: ownHash('--cq-policy', cqPolicy) } } : {}),
  };
}
