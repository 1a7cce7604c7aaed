// The form of a policy that a file exports, checked before anything of it runs.

import { z } from 'zod';
import { REGISTERS } from '../../model/policy/policy.js';

const fn = z.custom<(...args: readonly never[]) => unknown>((value) => typeof value === 'function', 'expected a function');
const duration = z.union([z.number().min(0), fn], 'expected a number of ns, or a function');
const register = z.int().min(0).max(REGISTERS - 1);
const conditional = { when: fn.optional() };

const step = z.discriminatedUnion('step', [
  z.strictObject({ ...conditional, step: z.literal('publish'), index: fn }),
  z.strictObject({ ...conditional, step: z.literal('barrier') }),
  z.strictObject({ ...conditional, step: z.literal('reread') }),
  z.strictObject({ ...conditional, step: z.literal('poll'), everyNs: duration, forNs: duration.optional() }),
  z.strictObject({ ...conditional, step: z.literal('timer'), afterNs: duration }),
  z.strictObject({ ...conditional, step: z.literal('set'), register, value: fn }),
  z.strictObject({ ...conditional, step: z.literal('measure'), register, holds: fn }),
  z.strictObject({ ...conditional, step: z.literal('time'), register, value: fn }),
  z.strictObject({ ...conditional, step: z.literal('stop') }),
  z.strictObject({ ...conditional, step: z.literal('look') }),
]);

/** Steps in one list at most. */
const MAX_STEPS = 100;
const steps = z.array(step).max(MAX_STEPS);

export const programSchema = {
  sq: z.strictObject({ onStart: steps, onCommand: steps, onEmpty: steps, onComplete: steps.optional() }),
  cq: z.strictObject({ onConfig: steps, onPost: steps, onFull: steps }),
};

const parameter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  doc: z.string().default(''),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  whole: z.boolean().default(true),
  tries: z.array(z.number()).default([]),
  small: z.number().optional(),
});

/** What the file exports; the program is checked on its own. */
export const ownPolicySchema = z.object({
  side: z.enum(['sq', 'cq']),
  formula: z.string().default(''),
  provenance: z.string().default(''),
  risk: z.string().default(''),
  parameters: z.array(parameter).max(16).default([]),
  program: z.union([fn, z.record(z.string(), z.unknown())], 'expected a function of the parameters, or an object of step lists'),
});

/** The first thing that is wrong: its path and what was expected. */
export function firstIssue(error: z.ZodError, at: string): string {
  const { path, message } = innermost(error.issues[0]!);
  const place = `${at}${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`.replace(/^\./, '');
  return place === '' ? message : `${place}: ${message}`;
}

/** Where several forms would do, what is wrong within the one that fits farthest. */
function innermost(issue: z.core.$ZodIssue): { readonly path: readonly PropertyKey[]; readonly message: string } {
  if (issue.code !== 'invalid_union') return issue;
  const within = issue.errors.flat().map((each) => innermost(each));
  const deepest = within.toSorted((a, b) => b.path.length - a.path.length)[0];
  return deepest === undefined || deepest.path.length === 0 ? issue : { path: [...issue.path, ...deepest.path], message: deepest.message };
}
