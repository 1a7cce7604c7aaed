// What can be named on the command line: drivers with their knobs, devices, transports, policies with their parameters.

import { usageError } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import { DEVICES } from '../model/device/catalogue.js';
import type { ConfigCommand, DeviceModel } from '../model/device/device.js';
import { DRIVERS } from '../model/driver/catalogue.js';
import { GOOGLE_2014, MENDS } from '../model/driver/google.js';
import { KNOBS, withKnobs } from '../model/driver/knobs.js';
import type { DriverModel } from '../model/driver/driver.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../model/policy/catalogue.js';
import { type CqFamily, type Family, type Parameter, type SqFamily, instance } from '../model/policy/family.js';
import type { CqPolicy, PolicyText, SqPolicy } from '../model/policy/policy.js';
import { TRANSPORTS, type Transport } from '../model/transport.js';
import type { Configuration } from '../replay/run.js';
import { parseSpec, valuesOf } from './specs.js';
import { SCENARIOS, checkTogether, deviceFor, driverFor, mendedDriver, scenarioOf } from './machines.js';

/** Names for a configuration; what is left out takes the device's or the catalogue's first. A policy may also be given as it is. */
export interface ConfigurationNames {
  readonly shadow: boolean;
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly policy?: string | SqPolicy | undefined;
  readonly cqPolicy?: string | CqPolicy | undefined;
  readonly transport?: string | undefined;
  /** Weaknesses of the driver that are mended, by name. */
  readonly mend?: readonly string[] | undefined;
  /** What happens beside the work, as `--scenario` takes it. */
  readonly scenario?: readonly string[] | undefined;
}

/**
 * Looks the names up. Throws a usageError that names the flag and what there is, or says why parts don't go together.
 * @param recorded stands in for the device's own transport where none is named and the two are of one kind
 */
export function configurationOf(names: ConfigurationNames, recorded?: Transport): Configuration {
  const ownSq = typeof names.policy === 'string' ? policyNamed('--policy', SQ_FAMILIES, names.policy) : names.policy;
  const ownCq = typeof names.cqPolicy === 'string' ? policyNamed('--cq-policy', CQ_FAMILIES, names.cqPolicy) : names.cqPolicy;
  const shadow = names.shadow && ownSq?.withoutShadow !== true;
  const asked = names.device === undefined ? undefined : named('--device', DEVICES, names.device);
  const base = asked === undefined || names.driver !== undefined ? driverNamed('--driver', names.driver) : driverFor(asked);
  const driver = mendedDriver(base, names.mend ?? []);
  const device = asked ?? deviceFor(driver);
  const own = named('--transport', TRANSPORTS, names.transport ?? device.transport);
  const transport = names.transport === undefined && recorded?.name.startsWith(own.name) === true ? recorded : own;
  checkTogether(shadow, driver, device, transport);
  const scenario = scenarioOf(names.scenario ?? []);
  return {
    shadow,
    driver,
    device,
    sqPolicy: ownSq ?? device.sqPolicy,
    cqPolicy: ownCq ?? device.cqPolicy,
    transport,
    ...(Object.keys(scenario).length > 0 ? { scenario } : {}),
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
  if (file !== undefined) throw usageError(`${flag} ${text}: a policy of your own can't be used here`, ['"bellwether replay TRACE", "sweep", "verify" and reports take one.']);
  const family = named(flag, families, name);
  return instance(family, valuesOf(`${flag} ${text}`, family.parameters, values));
}

/** All policies of that name or number: both sides may have one. Throws a usageError that names what there is. */
export function policiesNamed(flag: string, all: readonly ListedPolicy[], name: string): readonly ListedPolicy[] {
  const { name: found } = named(flag, all, name);
  return all.filter((entry) => entry.id === name || (entry.name === found && all.every(({ id }) => id !== name)));
}

/** The entry of that name or number, or the first. Throws a usageError that names the flag and what there is. */
export function named<T extends { readonly name: string; readonly id?: string }>(flag: string, all: readonly T[], name: string | undefined): T {
  if (name === undefined) return all[0]!;
  const found = all.find((entry) => entry.name === name || entry.id === name);
  if (found !== undefined) return found;
  const names = [...new Set(all.map((entry) => entry.name))];
  const meant = nearestName(name, names);
  throw usageError(`${flag} ${name}: there is no such name`, [...(meant === undefined ? [] : [`Did you mean ${meant}?`]), `${flag} takes: ${names.join(', ')}.`]);
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

export interface ListedDriver {
  readonly name: string;
  readonly source: string;
  /** The command by which it hands over doorbell buffers. */
  readonly command: ConfigCommand;
  readonly completions: 'interrupts' | 'polls';
}

export interface ListedDevice {
  readonly name: string;
  readonly source: string;
  readonly policy: string | null;
  readonly cq_policy: string | null;
  readonly accepts: ConfigCommand | null;
  readonly finds_work: 'sleeps' | 'polls';
  readonly threads: DeviceModel['threads'];
  readonly transport: string;
}

export interface Catalogue {
  readonly policies: readonly ListedPolicy[];
  readonly driver_knobs: readonly ListedKnob[];
  readonly drivers: readonly ListedDriver[];
  readonly mends: readonly { readonly name: string; readonly driver: string; readonly weakness: number; readonly mends: string }[];
  readonly scenarios: readonly { readonly name: string; readonly value: string | null; readonly does: string }[];
  readonly devices: readonly ListedDevice[];
  readonly transports: readonly Transport[];
}

/** Everything that can be named, as plain data. */
export function catalogue(): Catalogue {
  return {
    policies: [...SQ_FAMILIES, ...CQ_FAMILIES].map(({ name, id, side, formula, provenance, risk, parameters }) => ({ name, id, side, formula, provenance, risk, parameters })),
    driver_knobs: KNOBS.map(({ id, provenance, risk, parameter }) => ({ id, provenance, risk, parameter })),
    drivers: DRIVERS.map(({ name, source, buffers, polls }) => ({ name, source, command: buffers.command, completions: polls === true ? 'polls' : 'interrupts' })),
    mends: MENDS.map(({ name, weakness, mends }) => ({ name, driver: GOOGLE_2014.name, weakness, mends })),
    scenarios: SCENARIOS.map(({ name, value, does }) => ({ name, value: value ?? null, does })),
    devices: DEVICES.map(({ name, source, sqPolicy, cqPolicy, accepts, pollNs, threads, transport }) => ({
      name,
      source,
      policy: accepts === undefined ? null : sqPolicy.name,
      cq_policy: accepts === undefined ? null : cqPolicy.name,
      accepts: accepts ?? null,
      finds_work: pollNs === undefined ? 'sleeps' : 'polls',
      threads,
      transport: transport ?? TRANSPORTS[0]!.name,
    })),
    transports: TRANSPORTS,
  };
}
