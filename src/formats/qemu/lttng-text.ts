// LTTng traces of QEMU's `ust` backend, as babeltrace prints them. [babeltrace2-sink.text.pretty(7)]
// [QEMU-10.0 scripts/tracetool/format/ust_events_h.py] provider `qemu`, fields by argument name
//
//   [10:20:33.123458012] (+0.000001223) host qemu:pci_nvme_mmio_doorbell_sq: { cpu_id = 2 }, { sqid = 1, new_tail = 6 }
//
// Options of babeltrace print the date as well, or the seconds since 1970, leave out the difference or the host, and add
// groups such as { vpid = 4711 }. Without a date, time is of day, in a zone that isn't known. Events that LTTng discarded
// are reported by babeltrace on its standard error, not in the text.

import { AsciiCursor, ascii, indexOfLiteral, latin1 } from '../../base/bytes.js';
import { ABSENT } from '../../trace/batch.js';
import type { Clock } from '../../trace/event.js';
import type { TraceFormat } from '../format.js';
import { TimeOrigin } from '../origin.js';
import { NamedLineDecoder, detectNamedLines } from './named-lines.js';
import type { NamedLine, NamedLineReader } from './named-lines.js';
import { wordAt } from './named.js';
import type { NamedStyle } from './named.js';
import { daysSinceEpoch } from './prefix.js';

const PROVIDER = ascii(' qemu:');
const GROUP = ascii('{ ');
const GROUP_END = ascii(' }');
const COLON = 0x3a;
const DASH = 0x2d;
const DOT = 0x2e;
const SPACE = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const DAY_SECONDS = 86_400;
/** The provider stands near the beginning of a line. */
const MAX_PREFIX_BYTES = 400;
const MAX_GROUPS = 8;
const VPID = /\bvpid = (\d{1,10})\b/;

class LttngLines implements NamedLineReader {
  readonly style: NamedStyle = { equals: ' = ', between: ', ' };
  clock: Clock = 'none';
  private readonly origin = new TimeOrigin();
  private readonly cursor = new AsciiCursor();
  private seconds = NaN;
  private nanoseconds = NaN;
  /** Midnights passed, for stamps without a date. */
  private daysPassed = 0;
  private lastOfDay = 0;

  get originNs(): bigint {
    return this.origin.originNs;
  }

  read(bytes: Uint8Array, start: number, end: number): NamedLine | undefined {
    const { cursor } = this;
    cursor.reset(bytes, start, end);
    if (!cursor.byte(OPEN)) return undefined;
    const clock = this.stampAt(start + 1);
    if (clock === undefined || !cursor.byte(CLOSE)) return undefined;
    const provider = indexOfLiteral(bytes, cursor.at, Math.min(end, start + MAX_PREFIX_BYTES), PROVIDER);
    if (provider === -1) return undefined;
    const nameAt = provider + PROVIDER.length;
    const name = wordAt(bytes, nameAt, end, COLON);
    cursor.reset(bytes, nameAt + name.length, end);
    if (!cursor.byte(COLON) || !cursor.byte(SPACE)) return undefined;
    const groups = groupsIn(bytes, cursor.at, end);
    if (groups.length === 0 || indexOfLiteral(bytes, end - GROUP_END.length, end, GROUP_END) === -1) return undefined;
    if (this.clock === 'none') this.clock = clock;
    const pid = VPID.exec(latin1(bytes, cursor.at, groups.at(-1)!))?.[1];
    const timeNs = this.origin.relativeNs(this.seconds, this.nanoseconds);
    // `{ }`: the group begins where it ends.
    const argsEnd = Math.max(end - GROUP_END.length, groups.at(-1)!);
    return { name, timeNs, pid: pid === undefined ? ABSENT : Number(pid), argsStarts: groups.map((at) => Math.min(at, argsEnd)), argsEnd, lost: undefined };
  }

  /** `10:20:33.123456789`, `2026-06-09 10:20:33.123456789` or `1749463233.123456789`; undefined when none stands here. */
  private stampAt(at: number): Clock | undefined {
    const { cursor } = this;
    const first = cursor.decimal();
    if (!Number.isSafeInteger(first)) return undefined;
    let days = NaN;
    let seconds = first;
    let clock: Clock = 'realtime';
    if (cursor.byte(DASH)) {
      const month = cursor.digits(2);
      if (!cursor.byte(DASH)) return undefined;
      days = daysSinceEpoch(first, month, cursor.digits(2));
      if (!cursor.byte(SPACE)) return undefined;
      seconds = this.timeOfDay(cursor.digits(2));
    } else if (cursor.at === at + 2 && cursor.bytes[cursor.at] === COLON) {
      seconds = this.timeOfDay(first);
      days = this.dayOf(seconds);
    }
    if (!Number.isNaN(days)) {
      clock = 'trace';
      seconds += days * DAY_SECONDS;
    }
    if (!cursor.byte(DOT)) return undefined;
    this.seconds = seconds;
    this.nanoseconds = cursor.digits(9);
    return Number.isNaN(seconds + this.nanoseconds) ? undefined : clock;
  }

  private timeOfDay(hour: number): number {
    const { cursor } = this;
    if (!cursor.byte(COLON)) return NaN;
    const minute = cursor.digits(2);
    return cursor.byte(COLON) ? (hour * 60 + minute) * 60 + cursor.digits(2) : NaN;
  }

  /** Midnights before a time of day: one more when it goes back by more than half a day. */
  private dayOf(ofDay: number): number {
    if (Number.isNaN(ofDay)) return NaN;
    if (this.lastOfDay - ofDay > DAY_SECONDS / 2) this.daysPassed += 1;
    else if (ofDay - this.lastOfDay > DAY_SECONDS / 2 && this.daysPassed > 0) this.daysPassed -= 1;
    this.lastOfDay = ofDay;
    return this.daysPassed;
  }
}

/** Where groups in braces begin, behind their `{ `; a `{ ` inside of a string may be among them. */
function groupsIn(bytes: Uint8Array, start: number, end: number): number[] {
  const groups: number[] = [];
  let at = indexOfLiteral(bytes, start, end, GROUP);
  while (at !== -1 && groups.length < MAX_GROUPS) {
    groups.push(at + GROUP.length);
    at = indexOfLiteral(bytes, at + GROUP.length, end, GROUP);
  }
  return groups;
}

/** babeltrace's text of LTTng traces, NVMe device events. */
export const lttngText: TraceFormat = {
  id: 'lttng-text',
  title: "LTTng text by babeltrace: NVMe device events of QEMU's 'ust' backend",
  detect: (head) => detectNamedLines(head, 'lines of babeltrace with events', new LttngLines()),
  open: (target) => new NamedLineDecoder(target, new LttngLines()),
};
