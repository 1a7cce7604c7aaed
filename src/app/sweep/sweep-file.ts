// A sweep as a JSON file.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { BellwetherError, EXIT } from '../../base/errors.js';
import { DEVICES } from '../../model/device/catalogue.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../../model/policy/catalogue.js';
import type { Family } from '../../model/policy/family.js';
import { TRANSPORTS } from '../../model/transport.js';
import { driverNamed, named, policyNamed } from '../catalogue.js';
import { isOwn } from '../own/load.js';
import { firstIssue } from '../own/schema.js';
import { valuesOf } from '../specs.js';
import { type Axes, expanded } from './plan.js';

const names = z.array(z.string().min(1)).min(1);
const parameterValues = z.union([z.number(), z.array(z.number()).min(1)], 'expected a number, or a list of numbers');
const policyEntry = z.strictObject({ policy: z.string().min(1), parameters: z.record(z.string(), parameterValues) });
const sweepFile = z.strictObject({
  traces: names.optional(),
  policies: z.array(z.union([z.string().min(1), policyEntry], 'expected a name, or an object of policy and parameters')).min(1).optional(),
  'cq-policies': names.optional(),
  drivers: names.optional(),
  transports: names.optional(),
  device: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  seed: z.int().min(0).max(2 ** 31 - 1).optional(),
  seeds: z.int().min(1).max(10_000).optional(),
});

export interface SweepFile extends Partial<Axes> {
  readonly traces?: readonly string[] | undefined;
  /** As --from and --to take them. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly seed?: number | undefined;
  readonly seeds?: number | undefined;
}

/** Largest sweep file that is read, in bytes. */
const MAX_FILE_BYTES = 1_000_000;

/** Reads a sweep from a JSON file. Throws an error that names the file, the path in it and what was expected there. */
export function readSweepFile(file: string): SweepFile {
  const parsed = sweepFile.safeParse(jsonOf(file));
  if (!parsed.success) throw refused(file, firstIssue(parsed.error, ''));
  checkNames(file, parsed.data);
  const { policies, 'cq-policies': cqPolicies, drivers, transports, ...rest } = parsed.data;
  const specs = policies?.map((entry) => (typeof entry === 'string' ? entry : `${entry.policy}${parametersText(entry.parameters)}`));
  return { ...rest, ...(specs === undefined ? {} : { policies: specs }), ...(cqPolicies === undefined ? {} : { cqPolicies }), ...(drivers === undefined ? {} : { drivers }), ...(transports === undefined ? {} : { transports }) };
}

function refused(file: string, why: string): Error {
  return new BellwetherError('E_INPUT', EXIT.input, `${file}: ${why}`, { where: { file }, suggestions: ['docs/sweep.md shows a sweep file.'] });
}

function jsonOf(file: string): unknown {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_FILE_BYTES) throw new Error(`${bytes.length} bytes, and a sweep file holds at most ${MAX_FILE_BYTES}`);
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refused(file, code === 'ENOENT' ? 'there is no such file' : message);
  }
}

/** Throws a usageError for the first name or parameter that isn't there, with its place in the file. Policies in files of their own are loaded later. */
function checkNames(file: string, { policies = [], 'cq-policies': cqPolicies = [], drivers = [], transports = [], device }: z.infer<typeof sweepFile>): void {
  const at = (path: string): string => `${file}: ${path}`;
  const check = (path: string, families: readonly Family[], spec: string): void => {
    if (!isOwn(spec)) for (const each of expanded(spec)) policyNamed(at(path), families, each);
  };
  for (const [i, entry] of policies.entries()) {
    if (typeof entry === 'string') check(`policies[${i}]`, SQ_FAMILIES, entry);
    else if (!isOwn(entry.policy)) {
      const { parameters } = named(at(`policies[${i}].policy`), SQ_FAMILIES, entry.policy);
      for (const [name, values] of Object.entries(entry.parameters)) for (const value of [values].flat()) valuesOf(at(`policies[${i}].parameters`), parameters, { [name]: value });
    }
  }
  for (const [i, spec] of cqPolicies.entries()) check(`cq-policies[${i}]`, CQ_FAMILIES, spec);
  for (const [i, driver] of drivers.entries()) driverNamed(at(`drivers[${i}]`), driver);
  for (const [i, transport] of transports.entries()) named(at(`transports[${i}]`), TRANSPORTS, transport);
  if (device !== undefined) named(at('device'), DEVICES, device);
}

function parametersText(parameters: Readonly<Record<string, number | readonly number[]>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${typeof value === 'number' ? value : value.join('/')}`);
  return pairs.length === 0 ? '' : `:${pairs.join(',')}`;
}
