// What the user knows of the sources' time stamps: --clock [FILE=]NAME and --offset [FILE=]SECONDS.

import { basename } from 'node:path';
import { usageError } from '../base/errors.js';
import { CLOCKS } from '../trace/event.js';
import type { Clock } from '../trace/event.js';

/** Clocks that a capture's time stamps can be said to be from. */
export const NAMEABLE_CLOCKS = CLOCKS.filter((clock) => clock !== 'none' && clock !== 'model');
const NS_DIGITS = 9;

/** Clocks and offsets by source. */
export interface SourceTimes {
  /** Undefined: as the capture says. */
  clockOf(path: string): Clock | undefined;
  /** In ns, to be added to each time stamp; undefined when none was given. */
  offsetNsOf(path: string): bigint | undefined;
}

/** Reads the flags' values. Throws a usageError for one that can't be read, or that names none of the sources. */
export function sourceTimes(paths: readonly string[], clocks: readonly string[], offsets: readonly string[]): SourceTimes {
  const clockBy = bySource('--clock', paths, clocks, parseClock);
  const offsetBy = bySource('--offset', paths, offsets, parseSeconds);
  return {
    clockOf: (path) => lookUp(clockBy, path),
    offsetNsOf: (path) => lookUp(offsetBy, path),
  };
}

/** A decimal number of seconds in ns, exactly: "-1.5" -> -1500000000n; undefined for anything else. */
export function parseSeconds(text: string): bigint | undefined {
  const match = /^([+-]?)(\d{1,10})(?:\.(\d{1,9}))?s?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const ns = BigInt(whole + fraction.padEnd(NS_DIGITS, '0'));
  return sign === '-' ? -ns : ns;
}

function parseClock(text: string): Clock | undefined {
  return NAMEABLE_CLOCKS.find((clock) => clock === text);
}

const FORMS: Readonly<Record<string, string>> = {
  '--clock': `[FILE=]NAME, with a NAME of ${NAMEABLE_CLOCKS.join(', ')}`,
  '--offset': '[FILE=]SECONDS, such as -1.25 or guest.txt=0.000150',
};

/** Values by path or file name; the value for "" holds for all sources. */
function bySource<T>(
  flag: string,
  paths: readonly string[],
  values: readonly string[],
  parse: (text: string) => T | undefined,
): ReadonlyMap<string, T> {
  const by = new Map<string, T>();
  for (const value of values) {
    const cut = value.lastIndexOf('=');
    const source = value.slice(0, Math.max(cut, 0));
    const parsed = parse(value.slice(cut + 1));
    if (parsed === undefined) throw usageError(`${flag} ${value} can't be read`, [`Write it as ${FORMS[flag]}.`]);
    if (source !== '' && !paths.some((path) => path === source || basename(path) === source)) {
      throw usageError(`${flag} ${value} names ${source}, which is none of the sources`, [`The sources are ${paths.join(', ')}.`]);
    }
    if (by.has(source)) throw usageError(`${flag} is given twice for ${source === '' ? 'all sources' : source}`, ['Give it once.']);
    by.set(source, parsed);
  }
  return by;
}

function lookUp<T>(by: ReadonlyMap<string, T>, path: string): T | undefined {
  return by.get(path) ?? by.get(basename(path)) ?? by.get('');
}
