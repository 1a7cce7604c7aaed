// What can be named on the command line: drivers, devices, transports, policies.

import { usageError } from '../base/errors.js';
import { DEVICES } from '../model/device/catalogue.js';
import type { DeviceModel } from '../model/device/device.js';
import { DRIVERS } from '../model/driver/catalogue.js';
import type { DriverModel } from '../model/driver/driver.js';
import { CQ_POLICIES, SQ_POLICIES } from '../model/policy/catalogue.js';
import type { CqPolicy, SqPolicy } from '../model/policy/policy.js';
import { TRANSPORTS, type Transport } from '../model/transport.js';
import type { Configuration } from '../replay/run.js';

/** Names for a configuration; what is left out takes the device's or the catalogue's first. */
export interface ConfigurationNames {
  readonly shadow: boolean;
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly policy?: string | undefined;
  readonly cqPolicy?: string | undefined;
  readonly transport?: string | undefined;
}

/** Looks the names up. Throws a usageError that names the flag and what there is. */
export function configurationOf(names: ConfigurationNames): Configuration {
  const device = named('--device', DEVICES, names.device);
  return {
    shadow: names.shadow,
    driver: named('--driver', DRIVERS, names.driver),
    device,
    sqPolicy: names.policy === undefined ? device.sqPolicy : named('--policy', SQ_POLICIES, names.policy),
    cqPolicy: names.cqPolicy === undefined ? device.cqPolicy : named('--cq-policy', CQ_POLICIES, names.cqPolicy),
    transport: named('--transport', TRANSPORTS, names.transport),
  };
}

/** The entry of that name or number, or the first. Throws a usageError that names the flag and what there is. */
export function named<T extends { readonly name: string; readonly id?: string }>(flag: string, all: readonly T[], name: string | undefined): T {
  if (name === undefined) return all[0]!;
  const found = all.find((entry) => entry.name === name || entry.id === name);
  if (found !== undefined) return found;
  throw usageError(`${flag} ${name}: there is no such name`, [`${flag} takes: ${all.map((entry) => entry.name).join(', ')}.`]);
}

export interface Catalogue {
  readonly policies: readonly (Omit<SqPolicy, 'program'> | Omit<CqPolicy, 'program'>)[];
  readonly drivers: readonly Pick<DriverModel, 'name' | 'source'>[];
  readonly devices: readonly { readonly name: string; readonly source: string; readonly policy: string; readonly cq_policy: string }[];
  readonly transports: readonly Transport[];
}

/** Everything that can be named, as plain data. */
export function catalogue(): Catalogue {
  return {
    policies: [...SQ_POLICIES, ...CQ_POLICIES].map(({ program: _program, ...text }) => text),
    drivers: DRIVERS.map(({ name, source }) => ({ name, source })),
    devices: DEVICES.map((device: DeviceModel) => ({
      name: device.name,
      source: device.source,
      policy: device.sqPolicy.name,
      cq_policy: device.cqPolicy.name,
    })),
    transports: TRANSPORTS,
  };
}
