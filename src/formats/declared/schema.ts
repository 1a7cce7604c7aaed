// The schema of a declared text format: a JSON file that says which lines of a text are which normalized events.
// docs/formats/declared.md describes it with an example.

import * as z from 'zod';
import { CLOCKS, KIND_NAMES } from '../../trace/event.js';
import { COLUMNS, RANGES, SHAPES, allowed } from './columns.js';
import type { Column } from './columns.js';
import { groupNames, patternFault } from './pattern.js';

/** Lines longer than this are refused, unless the file says otherwise. */
export const DEFAULT_LINE_BYTES = 1024;
const MAX_LINE_BYTES = 16 * 1024;
const MAX_PATTERN = 1000;
const MAX_RULES = 100;

/** The clocks that a capture can have. */
const CAPTURE_CLOCKS = CLOCKS.filter((clock) => clock !== 'model');

const pattern = z.string().min(1).max(MAX_PATTERN).superRefine((text, context) => {
  const fault = patternFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const group = z.string().min(1);
const whole = z.int().min(-1);

/** A column's value: a constant, or what a named group holds, read as a number or looked up. */
const field = z.union(
  [
    whole,
    z.enum(['sq', 'cq']),
    z.strictObject({
      group,
      /** `auto`: 16 behind `0x`, else 10. */
      base: z.union([z.literal(10), z.literal(16), z.literal('auto')], { error: 'expected 10, 16 or "auto"' }).default('auto'),
      /** Added to the number: 1 for a size that counts from 0. */
      plus: z.int().default(0),
      /** Text -> number; a text that isn't listed is refused. */
      values: z.record(z.string(), z.int().min(0)).optional(),
    }),
  ],
  { error: 'expected a whole number, "sq", "cq", or {"group": ...} with base, plus or values' },
);

const rule = z.strictObject({
  pattern,
  event: z.enum(KIND_NAMES as [(typeof KIND_NAMES)[number], ...typeof KIND_NAMES]),
  time: z.strictObject({ group, unit: z.enum(['s', 'ms', 'us', 'ns']) }).optional(),
  fields: z.partialRecord(z.enum(COLUMNS), field).default({}),
});

const ignored = z.union([pattern, z.strictObject({ pattern, name: z.string().min(1).max(100) })], {
  error: 'expected a pattern without back-references and nested repetition, or {"pattern": ..., "name": ...}',
});

/** The whole file. */
export const declarationSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected 1 to 40 of a-z, 0-9 and "-"'),
    title: z.string().min(1).max(100).optional(),
    clock: z.enum(CAPTURE_CLOCKS),
    maxLineBytes: z.int().min(1).max(MAX_LINE_BYTES).default(DEFAULT_LINE_BYTES),
    rules: z.array(rule).min(1).max(MAX_RULES),
    ignore: z.array(ignored).max(MAX_RULES).default([]),
  })
  .superRefine(({ clock, rules }, context) => {
    for (const [i, each] of rules.entries()) {
      for (const { path, message } of ruleFaults(each, clock)) {
        context.addIssue({ code: 'custom', message, path: ['rules', i, ...path] });
      }
    }
  });

/** A checked declaration. */
export type Declaration = z.infer<typeof declarationSchema>;
export type Rule = Declaration['rules'][number];
export type Field = z.infer<typeof field>;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

function ruleFaults({ pattern: text, event, time, fields }: Rule, clock: string): readonly Fault[] {
  const faults: Fault[] = [];
  // Its own fault has been named already.
  if (patternFault(text) !== undefined) return faults;
  const groups = groupNames(text);
  function fault(path: readonly string[], message: string): void {
    faults.push({ path, message });
  }
  function checkGroup(name: string, path: readonly string[]): void {
    if (!groups.includes(name)) fault(path, `the pattern has no group "${name}"; it has ${groups.map((g) => `"${g}"`).join(', ') || 'none'}`);
  }
  if (time !== undefined) checkGroup(time.group, ['time', 'group']);
  if (time === undefined && clock !== 'none') fault([], `a "time" is missing: the clock is "${clock}", not "none"`);
  if (time !== undefined && clock === 'none') fault(['time'], 'there is a "time", but the clock is "none"');
  for (const [column, value] of Object.entries(fields) as [Column, Field][]) {
    const path = ['fields', column];
    if (!allowed(event, column)) {
      const { needs, may } = SHAPES[event];
      fault(path, `${event} has no ${column}; it has ${[...needs, ...may, 'thread', 'controller'].join(', ')}`);
    }
    if (typeof value === 'object') checkGroup(value.group, [...path, 'group']);
    else if (typeof value === 'string' && column !== 'side') fault(path, `"${value}" fits only "side"`);
    else if (typeof value === 'number' && !inRange(column, value)) fault(path, `expected ${RANGES[column].join(' to ')}`);
  }
  for (const column of SHAPES[event].needs) {
    if (fields[column] === undefined) fault(['fields'], `${event} needs "${column}"`);
  }
  return faults;
}

/** Whether a column can hold the number. */
export function inRange(column: Column, value: number): boolean {
  const [least, most] = RANGES[column];
  return Number.isInteger(value) && value >= least && value <= most;
}
