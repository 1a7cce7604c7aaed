// What the log backend prints before an event's name. [QEMU] scripts/tracetool/backend/log.py, util/log.c
//
//   QEMU up to 5.2         4711@1601234567.000042:        thread (before 4.0: process) @ seconds.microseconds
//   QEMU 6.0 to 10.0       the same with -msg timestamp=on, else nothing
//   QEMU 10.1 and later    2025-07-21T18:43:28.089797Z    with -msg timestamp=on, else nothing;
//                                                         no fraction when the microseconds are 0
// Both stamps are wall-clock time in UTC. No blank stands between the colon and the name, one behind the Z.

import { AsciiCursor, SPACE, isDigit } from '../../base/bytes.js';
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
    const { cursor } = this;
    cursor.reset(bytes, start, end);
    const first = cursor.decimal();
    if (cursor.byte(AT)) return this.threadStamp(first) ? cursor.at : start;
    if (cursor.at !== start + 4 || !cursor.byte(DASH)) return start;
    return this.isoStamp(first) ? cursor.at : start;
  }

  /** `4711@1601234567.000042:` with the cursor behind the `@`. */
  private threadStamp(thread: number): boolean {
    const { cursor } = this;
    const seconds = cursor.decimal();
    if (!Number.isSafeInteger(seconds) || thread > MAX_THREAD || !cursor.byte(DOT)) return false;
    const microseconds = cursor.digits(6);
    if (Number.isNaN(microseconds) || !cursor.byte(COLON)) return false;
    this.style = 'thread';
    this.thread = thread;
    this.seconds = seconds;
    this.nanoseconds = microseconds * 1000;
    return true;
  }

  /** `2025-07-21T18:43:28.089797Z ` with the cursor behind the first dash. */
  private isoStamp(year: number): boolean {
    const { cursor } = this;
    const month = cursor.digits(2);
    if (!cursor.byte(DASH)) return false;
    const days = daysSinceEpoch(year, month, cursor.digits(2));
    if (!cursor.byte(LETTER_T)) return false;
    const hour = cursor.digits(2);
    if (!cursor.byte(COLON)) return false;
    const minute = cursor.digits(2);
    if (!cursor.byte(COLON)) return false;
    const second = cursor.digits(2);
    const microseconds = cursor.byte(DOT) ? cursor.digits(6) : 0;
    if (!cursor.byte(LETTER_Z) || !cursor.byte(SPACE)) return false;
    const seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    if (!(hour < 24 && minute < 60 && second < 60) || Number.isNaN(seconds + microseconds)) return false;
    this.style = 'iso';
    this.seconds = seconds;
    this.nanoseconds = microseconds * 1000;
    return true;
  }
}
