// What one line of a QEMU log is. A line is [prefix] name blank text; anything else is not a trace record.
// [QEMU-10.0 scripts/tracetool/backend/log.py, util/log.c] The decoder counts what this file tells apart,
// and the detection looks at the head of a source through the same eyes.

import { LOWER_A, SPACE, UNDERSCORE, ascii, isDigit, isNameByte, latin1, matchesAt } from '../../base/bytes.js';
import { findHidden, prefixStarts, programAt, skipQuote } from './behind-text.js';
import { KNOWN_EVENTS, PCI_PREFIX, findEvent } from './names.js';
import type { KnownEvent } from './names.js';
import type { MappedEvent } from './mapped.js';
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
const AT = 0x40;
const QUOTE = 0x3e;
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
  private readonly behindText: boolean;

  /** `behindText`: whole records behind foreign text on their line are read too, where it is sure where they begin. */
  constructor(behindText = false) {
    this.behindText = behindText;
  }

  /** Classifies bytes [start, end). A line without newline may have been cut off. */
  read(bytes: Uint8Array, start: number, end: number, terminated: boolean): RecordClass {
    const found = this.classify(bytes, start, withoutTrail(bytes, start, end), terminated);
    if (found === 'rejected' && !terminated) this.reason = 'the last line is cut off';
    return found;
  }

  private classify(bytes: Uint8Array, lineStart: number, end: number, terminated: boolean): RecordClass {
    this.event = undefined;
    const first = lineStart < end ? bytes[lineStart] : undefined;
    const start = first === QUOTE || first === SPACE || first === TAB ? skipQuote(bytes, lineStart, end) : lineStart;
    let nameStart = this.prefix.read(bytes, start, end);
    let event = this.eventAt(bytes, nameStart, end);
    if (event === undefined) {
      nameStart = this.behindProgram(bytes, nameStart, end);
      event = this.eventAt(bytes, nameStart, end);
    }
    if (event !== undefined) return this.known(event, bytes, nameStart + event.start.length, end);

    const hidden = findHidden(bytes, nameStart, end);
    if (hidden !== undefined) return this.hidden(hidden, bytes, start, end);
    const nameEnd = firstBlank(bytes, nameStart, end);
    if (nameEnd < end && this.isEventName(bytes, nameStart, nameEnd)) {
      this.name = latin1(bytes, nameStart, nameEnd);
      return 'unknown';
    }
    const lone = nameEnd === end;
    const torn = this.prefix.style === 'thread' || beginsThreadStamp(bytes, start, end) || (lone && matchesAt(bytes, nameStart, end, PCI_PREFIX));
    if (torn || (!terminated && (lone || isPrefixFragment(bytes, start, end)))) {
      return this.reject('no event name and text behind the prefix');
    }
    if (bytes.subarray(start, end).includes(0)) return this.reject('NUL bytes: no text');
    this.name = isBlank(bytes, start, end) ? BLANK : OTHER_TEXT;
    return 'ignored';
  }

  /** Behind the program's name and the thread that may follow a time stamp. */
  private behindProgram(bytes: Uint8Array, start: number, end: number): number {
    const program = this.prefix.style === 'thread' ? undefined : programAt(bytes, start, end);
    if (program === undefined) return start;
    this.prefix.thread = program.thread;
    return start + program.bytes;
  }

  /** A line that some other program had begun and not ended: what stands behind that is whole, or it isn't. */
  private hidden({ at, only }: { readonly at: number; readonly only: boolean }, bytes: Uint8Array, start: number, end: number): RecordClass {
    if (!this.behindText || !only) return this.reject('a trace event stands behind other text on the line');
    const prefixStart = prefixStarts(bytes, start, at).find((from) => this.prefix.read(bytes, from, end) === at);
    // A name in the middle of a word isn't one; and without a prefix the time isn't that of the start of the line.
    if (prefixStart === undefined) {
      this.prefix.read(bytes, at, end);
      if (isNameByte(bytes[at - 1]!)) return this.reject('a trace event stands behind other text on the line');
    }
    const event = this.eventAt(bytes, at, end);
    return event === undefined ? this.reject('no event name and text behind the prefix') : this.known(event, bytes, at + event.start.length, end);
  }

  /** The event whose name and the blank behind it stand at `start`. */
  private eventAt(bytes: Uint8Array, start: number, end: number): KnownEvent | undefined {
    let event = this.followers[this.lastId];
    if (event === undefined || !matchesAt(bytes, start, end, event.start)) {
      const blank = firstBlank(bytes, start, end);
      // Behind the end may stand anything, also what is left of an earlier line.
      event = blank === end ? undefined : findEvent(bytes, start, blank + 1);
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
    if (findHidden(bytes, textStart, end) !== undefined) return this.reject(`${event.fullName}: a second event stands on the line`);
    if (event.driver) return 'ignored';
    if (!event.guestError || !matchesAt(bytes, textStart, end, GUEST_ERROR_TEXT)) return 'counted';
    this.name = GUEST_ERROR;
    return 'ignored';
  }

  /** Refuses what was read last. */
  reject(reason: string): 'rejected' {
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

/** The end of [start, end) without the blanks that mails and pages leave at the ends of lines: no event's text ends in one. */
function withoutTrail(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)) at -= 1;
  return at;
}

/** Whether [start, end) begins as only a time stamp with a thread does, whatever became of it: `4711@16`. */
function beginsThreadStamp(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && isDigit(bytes[at]!)) at += 1;
  return at > start && at + 1 < end && bytes[at] === AT && isDigit(bytes[at + 1]!);
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
