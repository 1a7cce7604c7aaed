// What a sweep covers: traces x policies with their parameters x drivers x transports x seeds, from flags or a file.

import { usageError } from '../../base/errors.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../../model/policy/catalogue.js';
import { TRANSPORTS } from '../../model/transport.js';
import { configurationOf, policyNamed } from '../catalogue.js';
import { ownHash, isOwn } from '../own/load.js';

/** What one trace is run under. Policies are named by the specs that a thread understands. */
export interface Setting {
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  readonly policy: string;
  readonly cqPolicy: string;
  /** Hashes of the files that the policies come from, SQ+CQ. */
  readonly policySha256: string;
}

/** Axes of a grid; a spec may hold several values for a parameter: look-ahead:k=1/2/4. */
export interface Axes {
  readonly policies: readonly string[];
  readonly cqPolicies: readonly string[];
  readonly drivers: readonly string[];
  readonly transports: readonly string[];
  readonly device: string | undefined;
}

/** Tried when no policies are named: all kinds, with the settings that matter most. */
export const SUGGESTED_POLICIES: readonly string[] = [
  'off', 'every-update', 'sentinel', 'trail-by-one', 'follow-tail', 'follow-head', 'follow-head-batched', 'arm-when-empty', 're-arm-bounded', 'look-ahead:k=4/16', 'outstanding-fraction',
  'half-then-arm', 'depth-gated', 'in-flight-cap', 'poll-then-arm:t-us=10/100/1000', 'rate-switch', 'occupancy-switch',
];

/** The settings of a grid, each once, "off" with each driver and transport first: what the others are compared with. Throws usageErrors that name the flag. */
export function settingsOf({ policies, cqPolicies, drivers, transports, device }: Axes): readonly Setting[] {
  const sq = policies.flatMap(expanded);
  const cq = cqPolicies.length === 0 ? [configurationOf({ shadow: true, device }).cqPolicy.name] : cqPolicies.flatMap(expanded);
  const settings = new Map<string, Setting>();
  for (const driver of drivers.length === 0 ? [undefined] : drivers) {
    for (const transport of transports.length === 0 ? [undefined] : transports) {
      for (const policy of new Set(['off', ...sq])) {
        if (policy === 'off' && needsShadow(transport)) continue;
        // Without shadow doorbells there is nothing for a CQ policy to do.
        for (const cqPolicy of policy === 'off' ? cq.slice(0, 1) : cq) {
          const setting = settingOf({ driver, transport, device, policy, cqPolicy });
          settings.set(JSON.stringify(setting), setting);
        }
      }
    }
  }
  return [...settings.values()];
}

/** Whether register writes by this transport lose their value: there is no "off" to compare with. */
export function needsShadow(transport: string | undefined): boolean {
  return TRANSPORTS.find(({ name }) => name === transport)?.carriesValue === false;
}

/** Every value checked, every name in full. */
export function settingOf({ driver, transport, device, policy, cqPolicy }: { driver?: string | undefined; transport?: string | undefined; device?: string | undefined; policy: string; cqPolicy: string }): Setting {
  const ownSq = isOwn(policy) ? policy : undefined;
  const ownCq = isOwn(cqPolicy) ? cqPolicy : undefined;
  const names = {
    policy: ownSq ?? policyNamed('--policies', SQ_FAMILIES, policy).name,
    cqPolicy: ownCq ?? policyNamed('--cq-policies', CQ_FAMILIES, cqPolicy).name,
  };
  const configuration = configurationOf({ shadow: true, driver, device, transport });
  return {
    driver: configuration.driver.name,
    device: configuration.device.name,
    transport: configuration.transport.name,
    ...names,
    policySha256: `${ownSq === undefined ? '' : ownHash('--policies', ownSq)}+${ownCq === undefined ? '' : ownHash('--cq-policies', ownCq)}`,
  };
}

/** look-ahead:k=1/2 -> look-ahead:k=1, look-ahead:k=2. A path keeps its slashes. */
export function expanded(spec: string): readonly string[] {
  const begin = spec.indexOf(':', spec.indexOf('#') + 1);
  if (begin < 0) return [spec];
  const pairs = spec.slice(begin + 1).split(',');
  return pairs.reduce<readonly string[]>(
    (specs, pair, i) => {
      const [name = '', values = ''] = pair.split('=', 2);
      return specs.flatMap((start) => values.split('/').map((value) => `${start}${i === 0 ? ':' : ','}${name}=${value}`));
    },
    [spec.slice(0, begin)],
  );
}

/** Throws unless there is something to do. */
export function atLeastOne(what: string, list: readonly unknown[]): void {
  if (list.length === 0) throw usageError(`a sweep needs ${what}`, ['Name traces of the store ("bellwether traces"), or give --file.']);
}
