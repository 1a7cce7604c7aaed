// The prefix of a line of `perf script`. [LINUX tools/perf/builtin-script.c perf_sample__fprintf_start]
//
//   COMM  TID or PID/TID  [[CPU]]  TIME:  [PERIOD] SYSTEM:NAME: TEXT
//
//              fio     201 [001]     8.100529:   nvme:nvme_setup_cmd: [FAILED TO PARSE] disk=nvme0n1 ...
//        CPU 0/KVM    4410/4412    [006]   812.004433123:          kvm:kvm_mmio: mmio write len 4 gpa 0xfebd1018 val 0x2a
//
// The command's name may contain anything but a newline, so the line is read from the time stamp to the left.

import { SPACE, isDigit } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';

const DOT = 0x2e;
const COLON = 0x3a;
const SLASH = 0x2f;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const DIGIT_0 = 0x30;

/** A stamp is looked for in so many columns. */
const MAX_STAMP_COLUMNS = 128;
const MAX_TID = 0x7fff_ffff;
/** Digits behind the point: microseconds, or nanoseconds with --ns. */
const MICROSECOND_DIGITS = 6;
const NANOSECOND_DIGITS = 9;

/** Reads the prefix of a line. One reader belongs to one decoder. */
export class PerfLine {
  tid = 0;
  /** The process, ABSENT where only the thread is shown. */
  pid: number = ABSENT;
  seconds = NaN;
  nanoseconds = NaN;
  fractionDigits = 0;
  /** Where what stands behind `TIME: ` begins. */
  bodyStart = 0;

  /** Whether [start, end) begins with a whole prefix. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const last = Math.min(end - 1, start + MAX_STAMP_COLUMNS);
    for (let at = start + 1; at < last; at++) {
      // The colon behind a stamp: nine columns of it are digits and a point.
      if (bytes[at] !== COLON || bytes[at + 1] !== SPACE || !isDigit(bytes[at - 1]!)) continue;
      if (this.stamp(bytes, start, at) && this.bodyAt(bytes, at + 1, end)) return true;
    }
    return false;
  }

  /** Reads the stamp that ends at `colon`, and what stands to its left. */
  private stamp(bytes: Uint8Array, start: number, colon: number): boolean {
    let at = colon;
    while (at > start && isDigit(bytes[at - 1]!)) at -= 1;
    const digits = colon - at;
    if ((digits !== MICROSECOND_DIGITS && digits !== NANOSECOND_DIGITS) || at === start || bytes[at - 1] !== DOT) return false;
    const fraction = decimal(bytes, at, colon);
    const point = at - 1;
    at = skipDigitsLeft(bytes, start, point);
    const seconds = decimal(bytes, at, point);
    if (at === point || !Number.isSafeInteger(seconds)) return false;
    const task = cpuLeft(bytes, start, at);
    if (task === -1 || !this.readTid(bytes, start, task)) return false;
    this.seconds = seconds;
    this.fractionDigits = digits;
    this.nanoseconds = digits === NANOSECOND_DIGITS ? fraction : fraction * 1000;
    return true;
  }

  /** `201` or `199/201`, with a blank to its left; `end` is behind it. */
  private readTid(bytes: Uint8Array, start: number, end: number): boolean {
    let at = skipDigitsLeft(bytes, start, end);
    const tid = decimal(bytes, at, end);
    if (at === end || tid > MAX_TID) return false;
    let pid: number = ABSENT;
    if (at > start && bytes[at - 1] === SLASH) {
      const slash = at - 1;
      at = skipDigitsLeft(bytes, start, slash);
      pid = decimal(bytes, at, slash);
      if (at === slash || pid > MAX_TID) return false;
    }
    if (at > start && bytes[at - 1] !== SPACE) return false;
    this.tid = tid;
    this.pid = pid;
    return true;
  }

  /** Skips blanks, and the period that the field list may ask for. */
  private bodyAt(bytes: Uint8Array, start: number, end: number): boolean {
    let at = skipRight(bytes, start, end);
    let digitsEnd = at;
    while (digitsEnd < end && isDigit(bytes[digitsEnd]!)) digitsEnd += 1;
    if (digitsEnd > at && digitsEnd < end && bytes[digitsEnd] === SPACE) at = skipRight(bytes, digitsEnd, end);
    this.bodyStart = at;
    return at > start;
  }
}

/** Steps over blanks and `[CPU]` to the left of `end`; returns where the task's identifier ends, -1 without a blank there. */
function cpuLeft(bytes: Uint8Array, start: number, end: number): number {
  let at = skipBlanksLeft(bytes, start, end);
  if (at === end || at === start) return -1;
  if (bytes[at - 1] !== CLOSING) return at;
  const cpuEnd = at - 1;
  at = skipDigitsLeft(bytes, start, cpuEnd);
  if (at === cpuEnd || at === start || bytes[at - 1] !== OPENING) return -1;
  const behind = at - 1;
  at = skipBlanksLeft(bytes, start, behind);
  return at === behind ? -1 : at;
}

function skipRight(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === SPACE) at += 1;
  return at;
}

function skipBlanksLeft(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === SPACE) at -= 1;
  return at;
}

function skipDigitsLeft(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isDigit(bytes[at - 1]!)) at -= 1;
  return at;
}

function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at]! - DIGIT_0);
  return value;
}
