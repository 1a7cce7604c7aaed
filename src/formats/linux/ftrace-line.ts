// The prefix of a line of ftrace text. [LINUX kernel/trace/trace_output.c trace_print_context, trace_print_lat_fmt;
// libtraceevent event-parse.c]
//
//   [FILE: ]TASK-PID  [(TGID) ][CPU] [FLAGS ]TIME: NAME: TEXT
//
//              fio-2211    [002] ...1.   812.004417: nvme_setup_cmd: nvme0: ...        trace, trace_pipe
//              fio-2211    (   2211) [002] ...1.   812.004417: nvme_setup_cmd: ...     with the option record-tgid
//              fio-2211  [002]   812.004417: nvme_setup_cmd:       [FAILED TO PARSE]   trace-cmd report
//
// The task's name may contain anything but a newline; it takes 16 columns, so its dash stands in column 16, unless
// something before it shifts the line or the blanks in front got lost. FLAGS never begin with a digit.

import { SPACE, isDigit } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';

const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const OPENING = 0x28;
const CLOSING = 0x29;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const DIGIT_0 = 0x30;

/** `%16s-%-7d`. */
const DASH_COLUMN = 16;
/** A dash is looked for in so many columns: names of files and trace instances may stand before the task. */
const MAX_TASK_COLUMNS = 256;
const MAX_FLAGS = 9;
const MAX_PID = 0x7fff_ffff;
/** Stamps have at most 9 digits behind the point: nanoseconds. */
const NS_PER_DIGIT = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1] as const;

/** How a line's time is written. */
export type StampShape = 'seconds' | 'ticks';

/** Reads the prefix of a line. One reader belongs to one decoder. */
export class FtraceLine {
  pid = 0;
  cpu = 0;
  /** `ticks`: a whole number of a clock that doesn't count seconds (counter, x86-tsc, uptime); it isn't kept. */
  shape: StampShape = 'seconds';
  seconds = NaN;
  nanoseconds = NaN;
  /** Digits behind the point. */
  fractionDigits = 0;
  hasTgid = false;
  /** The process, ABSENT without that column or where the kernel doesn't know it. */
  tgid: number = ABSENT;
  /** Characters of the flags column; 0 without one. */
  flags = 0;
  /** Where what stands behind `TIME: ` begins. */
  bodyStart = 0;
  private at = 0;

  /** Whether [start, end) begins with a whole prefix. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const fixed = start + DASH_COLUMN;
    if (fixed < end && bytes[fixed] === DASH && this.readFrom(bytes, fixed + 1, end)) return true;
    const last = Math.min(end, start + MAX_TASK_COLUMNS);
    for (let at = start + 1; at < last; at++) {
      if (bytes[at] === DASH && this.readFrom(bytes, at + 1, end)) return true;
    }
    return false;
  }

  /** Reads from the process identifier on. */
  private readFrom(bytes: Uint8Array, start: number, end: number): boolean {
    this.at = start;
    const pid = this.decimal(bytes, end);
    if (!(pid <= MAX_PID)) return false;
    let at = skipBlanks(bytes, this.at, end);
    this.hasTgid = at < end && bytes[at] === OPENING;
    let tgid: number = ABSENT;
    if (this.hasTgid) {
      this.at = skipBlanks(bytes, at + 1, end);
      const process = this.decimal(bytes, end);
      if (process <= MAX_PID) tgid = process;
      at = this.at;
      while (at < end && bytes[at] !== CLOSING) at += 1;
      at = skipBlanks(bytes, at + 1, end);
    }
    if (at >= end || bytes[at] !== OPENING_BRACKET) return false;
    this.at = at + 1;
    const cpu = this.decimal(bytes, end);
    if (!(cpu <= MAX_PID) || this.at >= end || bytes[this.at] !== CLOSING_BRACKET) return false;
    at = skipBlanks(bytes, this.at + 1, end);
    const flagsStart = at;
    if (at < end && !isDigit(bytes[at]!)) {
      while (at < end && bytes[at] !== SPACE) at += 1;
      if (at - flagsStart > MAX_FLAGS) return false;
    }
    this.flags = at - flagsStart;
    this.at = skipBlanks(bytes, at, end);
    if (!this.time(bytes, end)) return false;
    this.pid = pid;
    this.tgid = tgid;
    this.cpu = cpu;
    return true;
  }

  /** `812.004417: ` or `120345678901: `. */
  private time(bytes: Uint8Array, end: number): boolean {
    const seconds = this.decimal(bytes, end);
    if (Number.isNaN(seconds)) return false;
    this.shape = 'ticks';
    if (this.at < end && bytes[this.at] === DOT) {
      this.at += 1;
      const digitsStart = this.at;
      const fraction = this.decimal(bytes, end);
      this.fractionDigits = this.at - digitsStart;
      const unit = NS_PER_DIGIT[this.fractionDigits];
      if (Number.isNaN(fraction) || unit === undefined || !Number.isSafeInteger(seconds)) return false;
      this.shape = 'seconds';
      this.seconds = seconds;
      this.nanoseconds = fraction * unit;
    }
    if (this.at >= end || bytes[this.at] !== COLON) return false;
    this.bodyStart = skipBlanks(bytes, this.at + 1, end);
    return this.bodyStart > this.at + 1 || this.bodyStart === end;
  }

  private decimal(bytes: Uint8Array, end: number): number {
    const start = this.at;
    let at = start;
    let value = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    return at === start ? NaN : value;
  }
}

/** The first position from `at` on without a blank. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  return at;
}
