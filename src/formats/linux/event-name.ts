// The name of an event in a line of text, which known event it is, without making a string per line:
// `name:` in ftrace text, `system:name:` in perf script.

import { ascii, isDigit, latin1, matchesAt } from '../../base/bytes.js';
import { KERNEL_EVENTS } from './kernel-events.js';
import type { KernelEvent } from './kernel-events.js';

const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const DOT = 0x2e;
const DASH = 0x2d;
/** Linux bounds names of events at 64 bytes. [LINUX kernel/trace/trace.h MAX_EVENT_NAME_LEN] */
const MAX_NAME_BYTES = 100;
/** Names that aren't known are remembered, so that a busy one costs no string per line. */
const MAX_REMEMBERED = 64;

interface Candidate {
  readonly name: string;
  /** The name as it stands in a line, with its last colon. */
  readonly bytes: Uint8Array;
  readonly event: KernelEvent | undefined;
}

/** Finds names; its fields describe the one that `find` saw last. One belongs to one decoder. */
export class EventNames {
  /** Without the system. */
  name = '';
  /** Undefined when the name isn't known. */
  event: KernelEvent | undefined;
  /** Behind the last colon. */
  nameEnd = 0;
  private readonly withSystem: boolean;
  /** The frequent ones move to the front. */
  private readonly candidates: Candidate[];

  /** `withSystem`: names stand as `system:name:`. */
  constructor(withSystem: boolean) {
    this.withSystem = withSystem;
    this.candidates = KERNEL_EVENTS.map((event) => ({
      name: event.name,
      bytes: ascii(withSystem ? `${event.system}:${event.name}:` : `${event.name}:`),
      event,
    }));
  }

  /** Whether a name and a colon stand at `start`. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    const { candidates } = this;
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!;
      if (!matchesAt(bytes, start, end, candidate.bytes)) continue;
      if (i > 0) {
        candidates[i] = candidates[i - 1]!;
        candidates[i - 1] = candidate;
      }
      return this.found(candidate, start);
    }
    return this.unknown(bytes, start, end);
  }

  private unknown(bytes: Uint8Array, start: number, end: number): boolean {
    let nameStart = start;
    let nameEnd = wordEnd(bytes, start, end);
    if (nameEnd === end || bytes[nameEnd] !== COLON) return false;
    if (this.withSystem) {
      nameStart = nameEnd + 1;
      nameEnd = wordEnd(bytes, nameStart, end);
      if (nameEnd === end || bytes[nameEnd] !== COLON) return false;
    }
    if (nameEnd === nameStart || nameEnd - start > MAX_NAME_BYTES || isDigit(bytes[start]!)) return false;
    const name = latin1(bytes, nameStart, nameEnd);
    const candidate: Candidate = { name, bytes: ascii(latin1(bytes, start, nameEnd + 1)), event: undefined };
    if (this.candidates.length < KERNEL_EVENTS.length + MAX_REMEMBERED) this.candidates.push(candidate);
    return this.found(candidate, start);
  }

  private found(candidate: Candidate, start: number): true {
    this.name = candidate.name;
    this.event = candidate.event;
    this.nameEnd = start + candidate.bytes.length;
    return true;
  }
}

/** The end of the letters, digits, `_`, `-` and `.` at `start`. */
function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isWordByte(bytes[at]!)) at += 1;
  return at;
}

function isWordByte(byte: number): boolean {
  const letter = (byte | 0x20) - 0x61;
  return (letter >= 0 && letter < 26) || isDigit(byte) || byte === UNDERSCORE || byte === DOT || byte === DASH;
}
