// One rule of a declared format, ready to run: matches a line and reads its values.

import { DIGIT_0 } from '../../base/bytes.js';
import { NS_PER_MS, NS_PER_S, NS_PER_US } from '../../base/units.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { KindName } from '../../trace/event.js';
import type { Column } from './columns.js';
import { inRange } from './schema.js';
import type { Field, Rule } from './schema.js';

const UNIT_NS = { s: NS_PER_S, ms: NS_PER_MS, us: NS_PER_US, ns: 1 } as const;
type Unit = keyof typeof UNIT_NS;

const TIME = /^(\d{1,20})(?:[.,](\d{1,9}))?$/;
const DECIMAL = /^-?\d{1,20}$/;
const HEX = /^(?:0x)?[0-9a-f]{1,16}$/i;
const HEX_PREFIX = /^0x/i;

/** A time as the normalized event's origin takes it. */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

interface Filled {
  readonly column: Column;
  readonly group: string;
  /** NaN when the text isn't one that the field can be. */
  readonly read: (text: string) => number;
}

/** Runs a rule. One belongs to one decoder; its fields describe the line that `match` saw last. */
export class RuleMatcher {
  readonly event: KindName;
  readonly kind: number;
  /** Undefined when the rule has no time, or it can't be read. */
  time: Instant | undefined;
  /** The columns and their values. */
  readonly values = new Map<Column, number>();
  /** Why a matching line can't be taken; empty when it can. */
  fault = '';
  private readonly expression: RegExp;
  private readonly timeOf: Rule['time'];
  private readonly constants: readonly (readonly [Column, number])[];
  private readonly filled: readonly Filled[];

  constructor(rule: Rule) {
    this.event = rule.event;
    this.kind = KIND[rule.event];
    this.expression = new RegExp(rule.pattern, 'u');
    this.timeOf = rule.time;
    const fields = Object.entries(rule.fields) as [Column, Field][];
    this.constants = fields.flatMap(([column, field]) => (typeof field === 'object' ? [] : [[column, constant(field)] as const]));
    this.filled = fields.flatMap(([column, field]) => {
      return typeof field === 'object' ? [{ column, group: field.group, read: reader(field) }] : [];
    });
  }

  /** Whether the line is the rule's; then see `fault`. */
  match(line: string): boolean {
    const found = this.expression.exec(line);
    if (found === null) return false;
    const groups = found.groups ?? {};
    this.fault = '';
    this.values.clear();
    for (const [column, value] of this.constants) this.values.set(column, value);
    for (const { column, group, read } of this.filled) {
      const text = groups[group];
      // A group in an optional part: the column is absent.
      if (text === undefined) continue;
      const value = read(text);
      if (inRange(column, value)) this.values.set(column, value);
      else this.fault = `${this.event}: ${Number.isNaN(value) ? 'not a number' : 'out of range'}: ${column}`;
    }
    this.time = undefined;
    if (this.timeOf !== undefined) {
      this.time = instant(groups[this.timeOf.group] ?? '', this.timeOf.unit);
      if (this.time === undefined) this.fault = `${this.event}: the time can't be read`;
    }
    return true;
  }
}

function constant(field: number | 'sq' | 'cq'): number {
  if (typeof field === 'number') return field;
  return field === 'sq' ? SIDE_SQ : SIDE_CQ;
}

function reader({ base, plus, values }: Extract<Field, object>): (text: string) => number {
  if (values !== undefined) return (text) => (Object.hasOwn(values, text) ? values[text]! + plus : NaN);
  return (text) => {
    const hexadecimal = base === 16 || (base === 'auto' && HEX_PREFIX.test(text));
    if (!(hexadecimal ? HEX : DECIMAL).test(text)) return NaN;
    return (hexadecimal ? Number.parseInt(text, 16) : Number(text)) + plus;
  };
}

/** Exact to the nanosecond: the digits are never a floating-point number of seconds. */
function instant(text: string, unit: Unit): Instant | undefined {
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const whole = BigInt(found[1]!) * BigInt(UNIT_NS[unit]);
  // Nine digits at most stand behind the point; what is smaller than a nanosecond is cut off.
  const fraction = (BigInt((found[2] ?? '').padEnd(9, String.fromCharCode(DIGIT_0))) * BigInt(UNIT_NS[unit])) / BigInt(NS_PER_S);
  const ns = whole + fraction;
  const seconds = Number(ns / BigInt(NS_PER_S));
  return Number.isSafeInteger(seconds) ? { seconds, nanoseconds: Number(ns % BigInt(NS_PER_S)) } : undefined;
}
