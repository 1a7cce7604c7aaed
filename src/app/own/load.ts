// A policy of the user's: FILE.js#NAME. Its code runs with the user's own rights, as any script that they start; what is guarded
// here is that its mistakes end in an error that names it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Family, type Parameter, instance } from '../../model/policy/family.js';
import type { CqPolicy, SqPolicy } from '../../model/policy/policy.js';
import { parseSpec, valuesOf } from '../specs.js';
import { messageOf, ownPolicyError } from './error.js';
import { guardedProgram } from './guard.js';
import { firstIssue, ownPolicySchema, programSchema } from './schema.js';
import type { Watch } from './watch.js';

/** Whether a spec names a policy in a file. */
export function isOwn(spec: string | undefined): spec is string {
  return spec !== undefined && spec.includes('#');
}

/** SHA-256 of a policy's file: what it was when it was run. Other files that it imports are not covered. */
export function ownHash(flag: string, spec: string): string {
  return createHash('sha256').update(bytesOf(spec, parseSpec(flag, spec).file!)).digest('hex');
}

function bytesOf(spec: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw ownPolicyError(spec, `can't be read: ${messageOf(error)}`, error);
  }
}

/** Loads a policy, of that side if one is given. Throws an error that names it when its file or its form is wrong. */
export async function loadOwn(flag: string, side: 'sq' | 'cq' | undefined, text: string, watch: Watch): Promise<SqPolicy | CqPolicy> {
  const { file, name, values } = parseSpec(flag, text);
  const sha256 = ownHash(flag, text);
  const exports = await importOwn(text, resolve(file!), watch);
  const exported = exports[name];
  if (exported === undefined) throw ownPolicyError(text, `is not there: the file exports ${namesOf(exports)}`);
  const parsed = ownPolicySchema.safeParse(exported);
  if (!parsed.success) throw ownPolicyError(text, `has the wrong form: ${firstIssue(parsed.error, '')}`);
  const { program, parameters, ...own } = parsed.data;
  if (side !== undefined && own.side !== side) throw ownPolicyError(text, `is one of ${own.side === 'sq' ? 'submission' : 'completion'} queues, and ${flag} takes those of ${side === 'sq' ? 'submission' : 'completion'} queues`);
  const at = watch.place('program');
  const build = (given: object): unknown => {
    const made: unknown = typeof program === 'function' ? ran(text, 'program', () => watch.run(at, () => (program as (values: object) => unknown)(given))) : program;
    const checked = programSchema[own.side].safeParse(made);
    if (!checked.success) throw ownPolicyError(text, `has the wrong form: ${firstIssue(checked.error, 'program')}`);
    return guardedProgram(text, checked.data, watch);
  };
  const family = { ...own, name: `${file}#${name}`, id: 'own', parameters: parameters as readonly Parameter[], program: build } as Family;
  return { ...instance(family, valuesOf(`${flag} ${text}`, family.parameters, values)), sha256 };
}

/** What a file exports, for a message. */
function namesOf(exports: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(exports);
  if (names.length === 0) return 'nothing';
  return names.length > 20 ? `${names.slice(0, 20).join(', ')} and others` : names.join(', ');
}

async function importOwn(text: string, path: string, watch: Watch): Promise<Readonly<Record<string, unknown>>> {
  const at = watch.place('its file, while that is loaded');
  try {
    return (await watch.runAsync(at, () => import(pathToFileURL(path).href))) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw ownPolicyError(text, `can't be loaded: ${messageOf(error)}`, error);
  }
}

function ran<T>(text: string, where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw ownPolicyError(text, `throws in ${where}: ${messageOf(error)}`, error);
  }
}
