// What stands before the message on a line of syslog or of the journal. [RFC 3164] 4.1, [journalctl(1)] -o short*
//
//   Jun  9 10:20:33 host qemu-system-x86_64[4711]:                    syslog, `journalctl`
//   Jun 09 10:20:33.123456 host qemu-system-x86_64[4711]:             journalctl -o short-precise
//   2026-06-09T10:20:33.123456+02:00 host qemu-system-x86_64[4711]:   rsyslog's own stamps, journalctl -o short-iso-precise
//
// Stamps without a year are local time of an unknown zone: only their differences mean something.

import { AsciiCursor, SPACE, isDigit, latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import { daysSinceEpoch } from './prefix.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
/** Days are counted in this year when the stamp has none: a leap year, so that February 29 exists. */
const YEAR = 1972;
const DAYS_PER_YEAR = 366;
const MAX_PID = 0x7fff_ffff;
const MAX_TAG_BYTES = 256;

const DASH = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOT = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Reads the prefix of a line. One reader belongs to one decoder: it follows the turn of the year. */
export class SyslogPrefix {
  /** Whether the stamp says its year and its zone. */
  absolute = false;
  /** Since 1970 in UTC when `absolute`, else since some New Year. */
  seconds = NaN;
  nanoseconds = 0;
  /** Program that wrote the message; empty without one. */
  tag = '';
  /** ABSENT when the tag names no process. */
  pid: number = ABSENT;
  private readonly cursor = new AsciiCursor();
  private yearsPassed = 0;
  private lastMonth = 0;

  /** Returns the position of the message in [start, end); -1 when this is no line of syslog. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    const { cursor } = this;
    cursor.reset(bytes, start, end);
    this.absolute = isDigit(bytes[start]!);
    if (!(this.absolute ? this.isoStamp() : this.shortStamp()) || !cursor.byte(SPACE)) return -1;
    const host = cursor.at;
    let hostEnd = host;
    while (hostEnd < end && bytes[hostEnd] !== SPACE) hostEnd += 1;
    return hostEnd === host || hostEnd === end ? -1 : this.tagAt(hostEnd + 1, bytes, end);
  }

  /** `tag[pid]: ` or `tag: `; without a colon behind the first word the message begins at once. */
  private tagAt(start: number, bytes: Uint8Array, end: number): number {
    const { cursor } = this;
    this.tag = '';
    this.pid = ABSENT;
    let at = start;
    const last = Math.min(end, start + MAX_TAG_BYTES);
    while (at < last && bytes[at] !== SPACE && bytes[at] !== COLON && bytes[at] !== OPEN) at += 1;
    cursor.reset(bytes, at, end);
    let pid: number = ABSENT;
    if (cursor.byte(OPEN)) {
      pid = cursor.decimal();
      if (!(pid <= MAX_PID) || !cursor.byte(CLOSE)) return start;
    }
    if (!cursor.byte(COLON)) return start;
    this.tag = latin1(bytes, start, at);
    this.pid = pid;
    cursor.byte(SPACE);
    return cursor.at;
  }

  private shortStamp(): boolean {
    const { cursor } = this;
    const month = cursor.end - cursor.at < 4 ? 0 : (MONTHS as readonly string[]).indexOf(latin1(cursor.bytes, cursor.at, cursor.at + 3)) + 1;
    if (month === 0) return false;
    cursor.at += 3;
    if (!cursor.byte(SPACE)) return false;
    const day = cursor.byte(SPACE) ? cursor.digits(1) : cursor.digits(2);
    const days = daysSinceEpoch(YEAR, month, day);
    if (Number.isNaN(days) || !cursor.byte(SPACE) || !this.timeOfDay()) return false;
    // From December to January; a stamp that runs backwards by a few months is something else.
    if (this.lastMonth - month > 6) this.yearsPassed += 1;
    else if (month - this.lastMonth > 6 && this.yearsPassed > 0) this.yearsPassed -= 1;
    this.lastMonth = month;
    this.seconds += (days + this.yearsPassed * DAYS_PER_YEAR) * 86_400;
    return true;
  }

  private isoStamp(): boolean {
    const { cursor } = this;
    const year = cursor.digits(4);
    if (!cursor.byte(DASH)) return false;
    const month = cursor.digits(2);
    if (!cursor.byte(DASH)) return false;
    const days = daysSinceEpoch(year, month, cursor.digits(2));
    if (Number.isNaN(days) || !cursor.byte(LETTER_T) || !this.timeOfDay()) return false;
    const zoneSeconds = this.zoneSeconds();
    this.seconds += days * 86_400 - zoneSeconds;
    return !Number.isNaN(zoneSeconds);
  }

  /** `10:20:33` with up to nine digits of fraction: sets `seconds` of the day and `nanoseconds`. */
  private timeOfDay(): boolean {
    const { cursor } = this;
    const hour = cursor.digits(2);
    if (!cursor.byte(COLON)) return false;
    const minute = cursor.digits(2);
    if (!cursor.byte(COLON)) return false;
    const second = cursor.digits(2);
    this.nanoseconds = 0;
    if (cursor.byte(DOT)) {
      const from = cursor.at;
      const fraction = cursor.decimal();
      const digits = cursor.at - from;
      if (digits === 0 || digits > 9) return false;
      this.nanoseconds = fraction * 10 ** (9 - digits);
    }
    this.seconds = (hour * 60 + minute) * 60 + second;
    // 60 is a leap second.
    return hour < 24 && minute < 60 && second <= 60;
  }

  /** `Z`, `+02:00` or `+0200` as seconds east of UTC. */
  private zoneSeconds(): number {
    const { cursor } = this;
    if (cursor.byte(LETTER_Z)) return 0;
    const sign = cursor.byte(PLUS) ? 1 : cursor.byte(DASH) ? -1 : NaN;
    const hours = cursor.digits(2);
    cursor.byte(COLON);
    return sign * (hours * 60 + cursor.digits(2)) * 60;
  }
}
