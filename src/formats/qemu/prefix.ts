// What the log backend prints before an event's name. [QEMU] scripts/tracetool/backend/log.py, util/log.c
//
//   QEMU up to 5.2         4711@1601234567.000042:        thread (before 4.0: process) @ seconds.microseconds
//   QEMU 6.0 to 10.0       the same with -msg timestamp=on, else nothing
//   QEMU 10.1 and later    2025-07-21T18:43:28.089797Z    with -msg timestamp=on, else nothing;
//                                                         no fraction when the microseconds are 0
// Both stamps are wall-clock time in UTC. No blank stands between the colon and the name, one behind the Z.

import { AsciiCursor, DIGIT_0, SPACE, isDigit } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';

export type PrefixStyle = 'none' | 'thread' | 'iso';

const AT = 0x40;
const COLON = 0x3a;
const DASH = 0x2d;
const DOT = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const MAX_THREAD = 0x7fff_ffff;

/** Days from 1970-01-01 in the Gregorian calendar; NaN for a day that doesn't exist. Year 1970..9999. */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = (DAYS_IN_MONTH[month - 1] ?? 0) + (month === 2 && leap ? 1 : 0);
  if (!(year >= 1970 && day >= 1 && day <= length)) return NaN;
  // Years start in March here, so that the leap day is their last.
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/** Reads the prefix of a line. One reader belongs to one decoder. */
export class PrefixReader {
  style: PrefixStyle = 'none';
  /** Thread or process; ABSENT when the prefix names none. */
  thread: number = ABSENT;
  /** Time since 1970-01-01T00:00:00Z; NaN without a time stamp. */
  seconds = NaN;
  nanoseconds = NaN;
  private readonly cursor = new AsciiCursor();

  /** Returns the position behind the prefix of [start, end): `start` when there is none that is whole. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.style = 'none';
    this.thread = ABSENT;
    this.seconds = NaN;
    this.nanoseconds = NaN;
    if (start === end || !isDigit(bytes[start]!)) return start;
    if (start + 4 < end && bytes[start + 4] === DASH) return this.isoStamp(bytes, start, end);
    return this.threadStamp(bytes, start, end);
  }

  /** `4711@1601234567.000042:`. Without calls, as it runs for every line. */
  private threadStamp(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    let thread = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      thread = thread * 10 + digit;
    }
    if (thread > MAX_THREAD || at === end || bytes[at] !== AT) return start;
    at += 1;
    const firstSecond = at;
    let seconds = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      seconds = seconds * 10 + digit;
    }
    const colon = at + 7;
    if (at === firstSecond || seconds > Number.MAX_SAFE_INTEGER) return start;
    if (colon >= end || bytes[at] !== DOT || bytes[colon] !== COLON) return start;
    let microseconds = 0;
    for (at += 1; at < colon; at++) {
      const digit = bytes[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) return start;
      microseconds = microseconds * 10 + digit;
    }
    this.style = 'thread';
    this.thread = thread;
    this.seconds = seconds;
    this.nanoseconds = microseconds * 1000;
    return colon + 1;
  }

  /** `2025-07-21T18:43:28.089797Z `. */
  private isoStamp(bytes: Uint8Array, start: number, end: number): number {
    const { cursor } = this;
    cursor.reset(bytes, start, end);
    const year = cursor.digits(4);
    if (!cursor.byte(DASH)) return start;
    const month = cursor.digits(2);
    if (!cursor.byte(DASH)) return start;
    const day = cursor.digits(2);
    if (!cursor.byte(LETTER_T)) return start;
    const hour = cursor.digits(2);
    if (!cursor.byte(COLON)) return start;
    const minute = cursor.digits(2);
    if (!cursor.byte(COLON)) return start;
    const second = cursor.digits(2);
    const microseconds = cursor.byte(DOT) ? cursor.digits(6) : 0;
    if (!cursor.byte(LETTER_Z) || !cursor.byte(SPACE)) return start;
    const days = daysSinceEpoch(year, month, day);
    if (!(hour < 24 && minute < 60 && second < 60) || Number.isNaN(days + microseconds)) return start;
    this.style = 'iso';
    this.seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    this.nanoseconds = microseconds * 1000;
    return cursor.at;
  }
}
