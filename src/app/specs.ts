// Names with parameters, as the command line takes them: look-ahead:k=4,timer-us=100, or ./mine.js#name:k=4.

import { z } from 'zod';
import { usageError } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import type { Parameter, Values } from '../model/policy/family.js';

export interface Spec {
  /** As it was given. */
  readonly text: string;
  /** Name or number in a catalogue; of a file, the name that it exports. */
  readonly name: string;
  /** Path of a file of the user's. */
  readonly file: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

const SPEC = /^(?:(?<file>[^#]+)#)?(?<name>[^:#=,]+)(?::(?<values>.+))?$/;
/** A path where a name is expected. */
const FILE = /[/\\]|\.[cm]?[jt]s$/;
const VALUE = /^(?<name>[^=]+)=(?<value>[^=]+)$/;

/** Takes a spec apart. Throws a usageError that shows the spelling. */
export function parseSpec(where: string, text: string): Spec {
  const { file, name, values = '' } = SPEC.exec(text)?.groups ?? {};
  if (name === undefined) throw misspelled(where, text);
  if (file === undefined && FILE.test(name)) throw usageError(`${where} ${text}: a file holds policies under names of their own`, [`Say which: ${name}#NAME, NAME being what the file exports.`]);
  const pairs = values === '' ? [] : values.split(',').map((pair) => VALUE.exec(pair)?.groups ?? {});
  const given: Record<string, string> = {};
  for (const { name: key, value } of pairs) {
    if (key === undefined || value === undefined) throw misspelled(where, text);
    if (key in given) throw usageError(`${where} ${text}: ${key} is given twice`);
    given[key] = value;
  }
  return { text, name, file, values: given };
}

function misspelled(where: string, text: string): Error {
  return usageError(`${where} ${text}: that is no name`, ['NAME, NAME:PARAMETER=VALUE,... or FILE.js#NAME, as in look-ahead:k=4,timer-us=100.']);
}

/** What a parameter takes, as a schema for texts and numbers. */
function schemaOf({ min, max, whole }: Parameter): z.ZodType<number> {
  const number = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/).transform(Number)]).pipe(z.number().min(min).max(max));
  return whole ? number.pipe(z.int()) : number;
}

/** What a parameter takes, in words. */
export function rangeText({ min, max, whole }: Parameter): string {
  return `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
}

/** The values as numbers, those that are given. Throws a usageError that names the parameter and what it takes. */
export function valuesOf(where: string, parameters: readonly Parameter[], given: Readonly<Record<string, unknown>>): Values {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const parameter = parameters.find(({ name }) => name === key);
      if (parameter === undefined) {
        const names = parameters.map(({ name }) => name);
        const near = nearestName(key, names);
        const meant = near === undefined ? [] : [`Did you mean ${near}=${String(value)}?`];
        throw usageError(`${where}: there is no parameter ${key}`, [...meant, names.length === 0 ? 'It takes no parameters.' : `It takes: ${names.join(', ')}.`]);
      }
      const result = schemaOf(parameter).safeParse(value);
      if (!result.success) throw usageError(`${where}: ${key} = ${String(value)}: expected ${rangeText(parameter)}`, [parameter.doc]);
      return [key, result.data];
    }),
  );
}
