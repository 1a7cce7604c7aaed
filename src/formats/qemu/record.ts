// What one line of a QEMU log is. A line is [prefix] name blank text; anything else is not a trace record.
// [QEMU-10.0 scripts/tracetool/backend/log.py, util/log.c] The decoder counts what this file tells apart,
// and the detection looks at the head of a source through the same eyes.

import { LOWER_A, SPACE, UNDERSCORE, ascii, indexOfLiteral, isDigit, isNameByte, latin1, matchesAt } from '../../base/bytes.js';
import { KNOWN_EVENTS, PCI_PREFIX, findEvent } from './names.js';
import type { KnownEvent } from './names.js';
import type { MappedEvent } from './normalize.js';
import { PrefixReader } from './prefix.js';
import { TextScanner } from './text.js';

/**
 * - `mapped`: a device event of normalize.ts, its arguments in `text.args`
 * - `counted`: a device event that only its name is kept of
 * - `ignored`: no device event, and known not to be one: counted under `name`
 * - `unknown`: a trace record of a name that the tables don't have
 * - `rejected`: a device event, or a trace record, that isn't whole: see `reason`
 */
export type RecordClass = 'mapped' | 'counted' | 'ignored' | 'unknown' | 'rejected';

/** Names under which lines without a trace record are counted. */
export const BLANK = '(blank)';
export const OTHER_TEXT = '(other text)';
export const GUEST_ERROR = '(guest error)';

/** QEMU's longest event name has 60 characters or so. */
const MAX_NAME_BYTES = 100;
const TAB = 0x09;
/** What stands between the digits of a prefix. */
const PREFIX_MARKS = ascii('@.:-TZ ');
/** `-d guest_errors` prints `<event name> in <C function>: <text>`; no event's own text begins so. */
const GUEST_ERROR_TEXT = ascii('in nvme_');

/** Tells lines apart; its fields describe the line that `read` saw last. One belongs to one decoder. */
export class RecordReader {
  readonly prefix = new PrefixReader();
  readonly text = new TextScanner();
  /** For `ignored` and `unknown`: what to count. For `mapped` and `counted`: the full name. */
  name = '';
  event: KnownEvent | undefined;
  /** For `mapped`. */
  mapped: MappedEvent = 'mmio_read';
  /** For `rejected`. */
  reason = '';
  /** By event: the one that came behind it the last time. Right for two lines in three, and saves the search. */
  private readonly followers: (KnownEvent | undefined)[] = KNOWN_EVENTS.map(() => undefined);
  private lastId = 0;

  /** Classifies bytes [start, end). A line without newline may have been cut off. */
  read(bytes: Uint8Array, start: number, end: number, terminated: boolean): RecordClass {
    const found = this.classify(bytes, start, end, terminated);
    if (found === 'rejected' && !terminated) this.reason = 'the last line is cut off';
    return found;
  }

  private classify(bytes: Uint8Array, start: number, end: number, terminated: boolean): RecordClass {
    this.event = undefined;
    const nameStart = this.prefix.read(bytes, start, end);
    const event = this.eventAt(bytes, nameStart, end);
    if (event !== undefined) return this.known(event, bytes, nameStart + event.start.length, end);

    const nameEnd = firstBlank(bytes, nameStart, end);
    if (hidesEvent(bytes, nameStart, end)) return this.reject('a trace event stands behind other text on the line');
    if (nameEnd < end && this.isEventName(bytes, nameStart, nameEnd)) {
      this.name = latin1(bytes, nameStart, nameEnd);
      return 'unknown';
    }
    const lone = nameEnd === end;
    const torn = this.prefix.style === 'thread' || (lone && matchesAt(bytes, nameStart, end, PCI_PREFIX));
    if (torn || (!terminated && (lone || isPrefixFragment(bytes, start, end)))) {
      return this.reject('no event name and text behind the prefix');
    }
    this.name = isBlank(bytes, start, end) ? BLANK : OTHER_TEXT;
    return 'ignored';
  }

  /** The event whose name and the blank behind it stand at `start`. */
  private eventAt(bytes: Uint8Array, start: number, end: number): KnownEvent | undefined {
    let event = this.followers[this.lastId];
    if (event === undefined || !matchesAt(bytes, start, end, event.start)) {
      event = findEvent(bytes, start, firstBlank(bytes, start, end) + 1);
      if (event === undefined) return undefined;
      this.followers[this.lastId] = event;
    }
    this.lastId = event.id;
    return event;
  }

  private known(event: KnownEvent, bytes: Uint8Array, textStart: number, end: number): RecordClass {
    this.event = event;
    this.name = event.fullName;
    if (event.mapped !== undefined) {
      this.mapped = event.mapped;
      if (this.text.scan(event.forms, bytes, textStart, end)) return 'mapped';
      return this.reject(`${event.fullName}: ${this.text.fault}`);
    }
    if (hidesEvent(bytes, textStart, end)) return this.reject(`${event.fullName}: a second event stands on the line`);
    if (event.driver) return 'ignored';
    if (!event.guestError || !matchesAt(bytes, textStart, end, GUEST_ERROR_TEXT)) return 'counted';
    this.name = GUEST_ERROR;
    return 'ignored';
  }

  private reject(reason: string): 'rejected' {
    this.reason = reason;
    return 'rejected';
  }

  /** QEMU's event names are lower-case words with underscores; behind a thread prefix nothing else is printed. */
  private isEventName(bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end || end - start > MAX_NAME_BYTES || bytes[start]! < LOWER_A) return false;
    let underscores = 0;
    for (let at = start; at < end; at++) {
      if (!isNameByte(bytes[at]!)) return false;
      if (bytes[at] === UNDERSCORE) underscores += 1;
    }
    return underscores > 0 || this.prefix.style === 'thread';
  }
}

/** The position of the first blank in [start, end), `end` without one. */
function firstBlank(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE) at += 1;
  return at;
}

/** Whether the name of a device event and a blank stand somewhere in [start, end). */
function hidesEvent(bytes: Uint8Array, start: number, end: number): boolean {
  let at = indexOfLiteral(bytes, start, end, PCI_PREFIX);
  while (at !== -1) {
    let nameEnd = at + PCI_PREFIX.length;
    while (nameEnd < end && isNameByte(bytes[nameEnd]!)) nameEnd += 1;
    if (nameEnd < end && findEvent(bytes, at, nameEnd + 1) !== undefined) return true;
    at = indexOfLiteral(bytes, nameEnd, end, PCI_PREFIX);
  }
  return false;
}

/** Whether all of [start, end) could be the beginning of a prefix that was cut off. */
function isPrefixFragment(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || !isDigit(bytes[start]!)) return false;
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at]!) && !PREFIX_MARKS.includes(bytes[at]!)) return false;
  }
  return true;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== SPACE && bytes[at] !== TAB) return false;
  }
  return true;
}
