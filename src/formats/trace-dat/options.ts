// The options of a trace.dat: numbered pieces about the capture as a whole. Both versions share the numbers.
// [trace-cmd.dat.v7(5) "TRACE OPTIONS"; trace-cmd lib/trace-cmd/trace-input.c handle_options]

import { NS_PER_US } from '../../base/units.js';
import type { TableCursor } from './cursor.js';
import type { Tables } from './tables.js';
import { readTimeShift } from './time-shift.js';

export const OPTION = {
  done: 0,
  date: 1,
  cpuStat: 2,
  buffer: 3,
  traceClock: 4,
  offset: 7,
  cpuCount: 8,
  timeShift: 12,
  tsc2nsec: 14,
  headerInfo: 16,
  ftraceEvents: 17,
  eventFormats: 18,
  bufferText: 22,
} as const;

/** Takes what an option says, if it says something about times and counts; `cursor` holds its data and no more. */
export function readOption(id: number, cursor: TableCursor, tables: Tables): void {
  switch (id) {
    case OPTION.date:
      tables.offsetNs += asciiNumber(cursor) * BigInt(NS_PER_US);
      tables.hasDate = true;
      break;
    case OPTION.offset:
      tables.offsetNs += asciiNumber(cursor);
      break;
    case OPTION.cpuStat:
      readCpuStat(optionText(cursor), tables);
      break;
    case OPTION.traceClock:
      // In version 6 the option is empty: the text stands behind the table of CPUs.
      if (cursor.left > 0) tables.clock = selectedClock(optionText(cursor));
      break;
    case OPTION.cpuCount:
      tables.cpuCount = cursor.u32('the number of CPUs');
      break;
    case OPTION.timeShift:
      tables.timeShifts = readTimeShift(cursor);
      break;
    case OPTION.tsc2nsec:
      tables.counterRate = {
        mult: BigInt(cursor.u32('the multiplier of the time-stamp counter')),
        shift: BigInt(Math.min(63, cursor.u32('the shift of the time-stamp counter'))),
      };
      break;
    default:
      break;
  }
}

/** "[local] global mono" -> "local"; a lone "local" is itself. */
export function selectedClock(text: string): string {
  const selected = /\[([\w-]{1,40})\]/.exec(text)?.[1] ?? /^\s*([\w-]{1,40})\s*$/.exec(text)?.[1];
  return selected ?? '';
}

function optionText(cursor: TableCursor): string {
  const text = cursor.text(cursor.left, 'an option');
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

/** A number as strtoll reads it: decimal or 0x, perhaps negative. */
function asciiNumber(cursor: TableCursor): bigint {
  const match = /^\s*([+-]?)(0x[0-9a-f]{1,16}|\d{1,20})/i.exec(optionText(cursor));
  if (match === null) throw cursor.damage('a time offset is no number');
  const size = BigInt(match[2]!);
  return match[1] === '-' ? -size : size;
}

/** `per_cpu/cpuN/stats` as it was after the capture. Overwritten records are marked in the data, dropped ones aren't. */
function readCpuStat(text: string, tables: Tables): void {
  const dropped = Number(/^dropped events:\s*(\d{1,15})/m.exec(text)?.[1] ?? 0);
  tables.dropped += dropped;
}
