// A policy with parameters: one entry of the catalogue. A choice of values makes it a policy.

import type { CqPolicy, CqProgram, PolicyText, SqPolicy, SqProgram } from './policy.js';

/** A number that shapes a policy. */
export interface Parameter {
  /** Name on the command line; the unit is part of it. */
  readonly name: string;
  readonly doc: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole: boolean;
  /** Values worth trying in a sweep over this parameter. */
  readonly tries: readonly number[];
  /** Where a queue of a few entries doesn't show what larger values do: verify in its place with at most this. */
  readonly small?: number;
  /** Without its value the policy's name says little: it is shown where it is the default too. */
  readonly telling?: true;
}

/** Values by parameter name; all parameters are there. */
export type Values = Readonly<Record<string, number>>;

export interface SqFamily extends PolicyText {
  readonly side: 'sq';
  readonly parameters: readonly Parameter[];
  readonly program: (values: Values) => SqProgram;
  readonly withoutShadow?: true;
}

export interface CqFamily extends PolicyText {
  readonly side: 'cq';
  readonly parameters: readonly Parameter[];
  readonly program: (values: Values) => CqProgram;
}

export type Family = SqFamily | CqFamily;

/** A whole number as a parameter. */
export function whole(name: string, doc: string, value: number, [min, max]: readonly [number, number], tries: readonly number[] = []): Parameter {
  return { name, doc, default: value, min, max, whole: true, tries };
}

/** A number as a parameter. */
export function real(name: string, doc: string, value: number, [min, max]: readonly [number, number], tries: readonly number[] = []): Parameter {
  return { name, doc, default: value, min, max, whole: false, tries };
}

/** The same parameter, verified with at most `small` in its place. */
export function smallEnough(parameter: Parameter, small: number): Parameter {
  return { ...parameter, small };
}

/** The same parameter, shown with its value wherever the policy is named. */
export function telling(parameter: Parameter): Parameter {
  return { ...parameter, telling: true };
}

/** Yes or no as a parameter: 1 or 0. */
export function flag(name: string, doc: string, value: 0 | 1): Parameter {
  return whole(name, doc, value, [0, 1], [0, 1]);
}

/** The policy with these values; what is left out takes its default. Values must be of the parameters, and in range. */
export function instance(family: SqFamily, values?: Values): SqPolicy;
export function instance(family: CqFamily, values?: Values): CqPolicy;
export function instance(family: Family, values?: Values): SqPolicy | CqPolicy;
export function instance(family: Family, values: Values = {}): SqPolicy | CqPolicy {
  const { parameters, name, id, formula, provenance, risk } = family;
  const all = Object.fromEntries(parameters.map((parameter) => [parameter.name, values[parameter.name] ?? parameter.default]));
  const small = Object.fromEntries(parameters.map((parameter) => [parameter.name, Math.min(all[parameter.name]!, parameter.small ?? Infinity)]));
  const isSmall = parameters.every((parameter) => small[parameter.name] === all[parameter.name]);
  const text = { name: labelOf(name, parameters, all), id, formula, provenance, risk };
  if (family.side === 'cq') return { ...text, side: 'cq', program: family.program(all), ...(isSmall ? {} : { scaled: instance(family, small) }) };
  const policy: SqPolicy = { ...text, side: 'sq', program: family.program(all), ...(isSmall ? {} : { scaled: instance(family, small) }) };
  return family.withoutShadow === true ? { ...policy, withoutShadow: true } : policy;
}

/** `look-ahead:k=4`: the parameters that aren't the defaults, or that tell what it is, in the order of the catalogue. */
function labelOf(name: string, parameters: readonly Parameter[], values: Values): string {
  const shown = parameters.filter((parameter) => parameter.telling === true || values[parameter.name] !== parameter.default);
  return shown.length === 0 ? name : `${name}:${shown.map((parameter) => `${parameter.name}=${values[parameter.name]}`).join(',')}`;
}
