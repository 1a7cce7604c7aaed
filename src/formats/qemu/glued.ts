// Two records on one line: a writer's line was cut off by the record of another, or lacks its newline.
//
//   4711@1601234567.000042:pci_nvme_irq_pin pulsing I4712@1601234567.000043:pci_nvme_mmio_doorbell_sq sqid 1 new_tail 5
//
// The second one begins where its prefix does. What the first one is, its own text says, but for one thing: a number at its
// end may have lost digits, and where the second prefix begins with digits too, nobody knows whose they are. Such a record
// is refused, and the second one has no thread then.

import { LOWER_A, SPACE, isDigit, isNameByte, latin1 } from '../../base/bytes.js';
import { findSecond, prefixStarts } from './behind-text.js';
import type { PrefixReader } from './prefix.js';

/** `new_tail 5`, `status=0x4002`: the longest number of a text has 20 digits. */
const NUMBER_AT_END = /(?:^|[^\w])(?:0x[\da-f]*|\d+)$/i;
const MAX_NUMBER_BYTES = 24;

/** The record behind the first one of a line. */
export interface NextRecord {
  /** Its first byte. */
  readonly at: number;
  /** Whether the digits that it begins with are its own. */
  readonly threadIsSure: boolean;
}

/** Where the second record of [start, end) begins; undefined when there is none, or nothing tells where. */
export function nextRecord(prefix: PrefixReader, bytes: Uint8Array, start: number, end: number): NextRecord | undefined {
  const name = findSecond(bytes, start, end);
  if (name === -1) return undefined;
  const from = prefixStarts(bytes, start, name).find((at) => at > start && prefix.read(bytes, at, end) === name);
  if (from !== undefined) return { at: from, threadIsSure: prefix.style !== 'thread' || !couldEndInNumber(bytes, from) };
  // Without a prefix, both or neither: and a name in the middle of a word isn't one.
  const before = bytes[name - 1]!;
  const inWord = isNameByte(before) && !isDigit(before);
  return inWord || prefix.read(bytes, start, end) > start ? undefined : { at: name, threadIsSure: true };
}

/** Whether a record that ends at `end`, where another begins, may have lost digits of its last number. */
export function endsInOpenNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return NUMBER_AT_END.test(latin1(bytes, Math.max(start, end - MAX_NUMBER_BYTES), end));
}

/** Whether digits at `at` could go on with what stands before: `new_tail `, `qsize=`, `0x3f`. */
function couldEndInNumber(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1]!;
  const isLetterOfNumber = (before >= LOWER_A && before <= LOWER_A + 5) || before === LOWER_X;
  return before === SPACE || before === EQUALS || isLetterOfNumber;
}

const LOWER_X = 0x78;
const EQUALS = 0x3d;
