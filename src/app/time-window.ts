// A part of a recording by time, as --from and --to give it.

import { usageError } from '../base/errors.js';
import { NS_PER_MS, NS_PER_S, NS_PER_US } from '../base/units.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { ActionLog } from '../replay/action-log.js';
import type { TraceRow } from '../store/queries.js';

export type { TimeWindow };

const TIME = /^(?<number>\d+(?:\.\d+)?|\.\d+)\s*(?<unit>ns|us|ms|s)?$/;
const NS_PER: Readonly<Record<string, number>> = { ns: 1, us: NS_PER_US, ms: NS_PER_MS, s: NS_PER_S };
/** Times are exact up to 2^53 ns. */
const MAX_NS = 2 ** 53;

/** A time since a trace's start in whole ns: "1.5", "1.5s", "300ms", "20us", "500ns". Throws a usageError that names the flag. */
export function timeOf(flag: string, text: string): number {
  const { number, unit = 's' } = TIME.exec(text.trim())?.groups ?? {};
  const ns = Math.round(Number(number) * NS_PER[unit]!);
  if (number !== undefined && ns <= MAX_NS) return ns;
  throw usageError(`${flag} ${text}: not a time since the trace's start`, [`A number of seconds, or one with its unit: ${flag} 1.5, ${flag} 1.5s, ${flag} 300ms, ${flag} 20us, ${flag} 500ns.`]);
}

/** How a window's flags begin: that of what is predicted from, and that of the captures that the prediction is compared with. */
export type WindowFlag = '--' | '--against-';

/** What the flags say; an open end is Infinity. Undefined: the whole recording. Throws a usageError that names the flag at fault. */
export function windowOf(from: string | undefined, to: string | undefined, flag: WindowFlag = '--'): TimeWindow | undefined {
  if (from === undefined && to === undefined) return undefined;
  const fromNs = from === undefined ? 0 : timeOf(`${flag}from`, from);
  const toNs = to === undefined ? Infinity : timeOf(`${flag}to`, to);
  if (fromNs === 0 && toNs === Infinity) return undefined;
  if (fromNs < toNs) return { fromNs, toNs };
  if (from === undefined) throw usageError(`${flag}to ${to}: nothing lies before the trace's start`, [`Give a ${flag}to above 0.`]);
  const swapped = fromNs > toNs ? [`${flag}from ${to} ${flag}to ${from}`] : [];
  throw usageError(`${flag}from ${from} ${flag}to ${to}: the window is empty, since it doesn't end behind its begin`, [...swapped, `Leave ${flag}to out: the window then goes up to the end.`]);
}

/** A window as plain JSON data, in ns since the trace's start; an open end is null. */
export interface WindowData {
  readonly from_ns: number;
  readonly to_ns: number | null;
}

export function windowOut({ fromNs, toNs }: TimeWindow): WindowData {
  return { from_ns: fromNs, to_ns: Number.isFinite(toNs) ? toNs : null };
}

export function windowIn({ from_ns: fromNs, to_ns: toNs }: WindowData): TimeWindow {
  return { fromNs, toNs: toNs ?? Infinity };
}

/** "1.5s..3s", with all digits that there are; "1.5s..end" where the end is open. */
export function windowText({ fromNs, toNs }: TimeWindow): string {
  return `${secondsText(fromNs)}..${Number.isFinite(toNs) ? secondsText(toNs) : 'end'}`;
}

/** "1.5s", with all digits that there are. */
function secondsText(ns: number): string {
  return `${(ns / NS_PER_S).toFixed(9).replace(/\.?0+$/, '')}s`;
}

/** As flags for a command line; none for the whole recording. */
export function windowFlags(window: TimeWindow | undefined, flag: WindowFlag = '--'): readonly string[] {
  if (window === undefined) return [];
  const { fromNs, toNs } = window;
  return [...(fromNs > 0 ? [`${flag}from ${fromNs}ns`] : []), ...(Number.isFinite(toNs) ? [`${flag}to ${toNs}ns`] : [])];
}

/** Throws a usageError for a window that begins behind the trace's end, or of a trace without time stamps. */
export function checkWindow({ name, clock, spanNs }: TraceRow, { fromNs }: TimeWindow, flag: WindowFlag = '--'): void {
  if (clock === 'none') throw usageError(`trace ${name} has no time stamps, so that ${flag}from and ${flag}to can't be found in it`, ['Leave them out.']);
  if (spanNs !== null && fromNs > spanNs) {
    throw usageError(`${flag}from ${secondsText(fromNs)}: trace ${name} ends ${secondsText(spanNs)} after its start`, [`Give a ${flag}from before that.`]);
  }
}

/** Throws a usageError when the window shows no action of an I/O queue: says where the nearest ones are. */
export function checkInside({ length, around: { beforeNs, behindNs } }: ActionLog, { name }: TraceRow, window: TimeWindow, flag: WindowFlag = '--'): void {
  if (length > 0 || (Number.isNaN(beforeNs) && Number.isNaN(behindNs))) return;
  const given = Number.isNaN(beforeNs) ? `${flag}to ${secondsText(window.toNs)}` : `${flag}from ${secondsText(window.fromNs)}`;
  const before = Number.isNaN(beforeNs) ? [] : [`The I/O before it ends at ${secondsText(beforeNs)}: give a ${flag}from below that.`];
  const behind = Number.isNaN(behindNs) ? [] : [`The I/O behind it begins at ${secondsText(behindNs)}: give a ${flag}to above that.`];
  throw usageError(`${given}: trace ${name} shows no I/O from ${windowText(window).replace('..', ' to ')}`, [...before, ...behind]);
}
