// What can be named on the command line: drivers with their knobs, devices, transports, policies with their parameters.

import { usageError } from '../base/errors.js';
import { DEVICES, type DeviceModel } from '../model/device/device.js';
import { DRIVERS, type DriverModel } from '../model/driver/driver.js';
import { KNOBS, withKnobs } from '../model/driver/knobs.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../model/policy/catalogue.js';
import { type CqFamily, type Family, type Parameter, type SqFamily, instance } from '../model/policy/family.js';
import type { CqPolicy, PolicyText, SqPolicy } from '../model/policy/policy.js';
import { TRANSPORTS, type Transport } from '../model/transport.js';
import type { Configuration } from '../replay/run.js';
import { parseSpec, valuesOf } from './specs.js';

/** Names for a configuration; what is left out takes the device's or the catalogue's first. A policy may also be given as it is. */
export interface ConfigurationNames {
  readonly shadow: boolean;
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly policy?: string | SqPolicy | undefined;
  readonly cqPolicy?: string | CqPolicy | undefined;
  readonly transport?: string | undefined;
}

/** Looks the names up. Throws a usageError that names the flag and what there is. */
export function configurationOf(names: ConfigurationNames): Configuration {
  const device = named('--device', DEVICES, names.device);
  const sqPolicy = typeof names.policy === 'string' ? policyNamed('--policy', SQ_FAMILIES, names.policy) : names.policy;
  const cqPolicy = typeof names.cqPolicy === 'string' ? policyNamed('--cq-policy', CQ_FAMILIES, names.cqPolicy) : names.cqPolicy;
  return {
    shadow: names.shadow && sqPolicy?.withoutShadow !== true,
    driver: driverNamed('--driver', names.driver),
    device: device.name,
    sqPolicy: sqPolicy ?? device.sqPolicy,
    cqPolicy: cqPolicy ?? device.cqPolicy,
    transport: named('--transport', TRANSPORTS, names.transport),
  };
}

/** The driver of that name, with its knobs as they are given. */
export function driverNamed(flag: string, text: string | undefined): DriverModel {
  if (text === undefined) return DRIVERS[0]!;
  const { name, values } = parseSpec(flag, text);
  const driver = named(flag, DRIVERS, name);
  return withKnobs(driver, valuesOf(`${flag} ${text}`, KNOBS.map(({ parameter }) => parameter), values));
}

/** The policy of that name or number, with its parameters. Throws a usageError that names the flag and what there is. */
export function policyNamed(flag: string, families: readonly SqFamily[], text: string): SqPolicy;
export function policyNamed(flag: string, families: readonly CqFamily[], text: string): CqPolicy;
export function policyNamed(flag: string, families: readonly Family[], text: string): SqPolicy | CqPolicy;
export function policyNamed(flag: string, families: readonly Family[], text: string): SqPolicy | CqPolicy {
  const { name, file, values } = parseSpec(flag, text);
  if (file !== undefined) throw usageError(`${flag} ${text}: a policy of your own can't be used here`, ['"bellwether replay", "sweep" and "verify" take one.']);
  const family = named(flag, families, name);
  return instance(family, valuesOf(`${flag} ${text}`, family.parameters, values));
}

/** The entry of that name or number, or the first. Throws a usageError that names the flag and what there is. */
export function named<T extends { readonly name: string; readonly id?: string }>(flag: string, all: readonly T[], name: string | undefined): T {
  if (name === undefined) return all[0]!;
  const found = all.find((entry) => entry.name === name || entry.id === name);
  if (found !== undefined) return found;
  throw usageError(`${flag} ${name}: there is no such name`, [`${flag} takes: ${all.map((entry) => entry.name).join(', ')}.`]);
}

export interface ListedPolicy extends PolicyText {
  readonly side: 'sq' | 'cq';
  readonly parameters: readonly Parameter[];
}

export interface ListedKnob {
  readonly id: string;
  readonly provenance: string;
  readonly risk: string;
  readonly parameter: Parameter;
}

export interface Catalogue {
  readonly policies: readonly ListedPolicy[];
  readonly driver_knobs: readonly ListedKnob[];
  readonly drivers: readonly Pick<DriverModel, 'name' | 'source'>[];
  readonly devices: readonly { readonly name: string; readonly source: string; readonly policy: string; readonly cq_policy: string }[];
  readonly transports: readonly Transport[];
}

/** Everything that can be named, as plain data. */
export function catalogue(): Catalogue {
  return {
    policies: [...SQ_FAMILIES, ...CQ_FAMILIES].map(({ name, id, side, formula, provenance, risk, parameters }) => ({ name, id, side, formula, provenance, risk, parameters })),
    driver_knobs: KNOBS.map(({ id, provenance, risk, parameter }) => ({ id, provenance, risk, parameter })),
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
