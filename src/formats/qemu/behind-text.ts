// Where a trace record begins that doesn't stand at the start of its line.
//
//   > 4711@1601234567.000042:pci_nvme_irq_pin ...                  quoted in a mail, indented on a page
//   login: 4711@1601234567.000042:pci_nvme_irq_pin ...             behind what the guest's console had not ended with a newline
//   2026-02-15T10:00:00.5Z qemu-system-x86_64: (4711:main): ...    with the program and the thread [QEMU, in review since 2025]

import { SPACE, indexOfLiteral, isDigit, isNameByte, latin1 } from '../../base/bytes.js';
import { PCI_PREFIX, findEvent } from './names.js';

const QUOTE = 0x3e;
const TAB = 0x09;
const AT = 0x40;
const DOT = 0x2e;
const COLON = 0x3a;
const OPENING = 0x28;
const MICROSECOND_DIGITS = 6;
/** `2025-07-21T18:43:28.089797Z ` and `2025-07-21T18:43:28Z `. */
const ISO_BYTES = [28, 21] as const;
/** The name of a program and of a thread, and what stands around them. */
const MAX_PROGRAM_BYTES = 128;
const PROGRAM = /^(?:\[guest\] )?(?:[\w.+-]+:? )?\((\d{1,10}):[^()]{0,32}\):? /;

/** Behind the quotation marks and blanks at the start of [start, end). */
export function skipQuote(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === QUOTE || bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  return at;
}

/** The program and the thread that stand at `start`: how many bytes they take, and the thread. */
export function programAt(bytes: Uint8Array, start: number, end: number): { readonly bytes: number; readonly thread: number } | undefined {
  const limit = Math.min(end, start + MAX_PROGRAM_BYTES);
  let opening = start;
  while (opening < limit && bytes[opening] !== OPENING) opening += 1;
  if (opening === limit) return undefined;
  const found = PROGRAM.exec(latin1(bytes, start, limit));
  return found === null ? undefined : { bytes: found[0].length, thread: Number(found[1]) };
}

/** Where the next name of a device event with a blank behind it begins in [start, end); -1 without one. */
function nextName(bytes: Uint8Array, start: number, end: number): number {
  for (let at = indexOfLiteral(bytes, start, end, PCI_PREFIX); at !== -1; ) {
    const nameEnd = endOfName(bytes, at, end);
    if (nameEnd < end && findEvent(bytes, at, nameEnd + 1) !== undefined) return at;
    at = indexOfLiteral(bytes, nameEnd, end, PCI_PREFIX);
  }
  return -1;
}

function endOfName(bytes: Uint8Array, start: number, end: number): number {
  let at = start + PCI_PREFIX.length;
  while (at < end && isNameByte(bytes[at]!)) at += 1;
  return at;
}

/** The names of device events, each with a blank behind it, in [start, end): where the first begins, and whether it is the only one. */
export function findHidden(bytes: Uint8Array, start: number, end: number): { readonly at: number; readonly only: boolean } | undefined {
  const at = nextName(bytes, start, end);
  return at === -1 ? undefined : { at, only: nextName(bytes, endOfName(bytes, at, end), end) === -1 };
}

/** The name of the second device event in [start, end); -1 when there aren't two. */
export function findSecond(bytes: Uint8Array, start: number, end: number): number {
  const first = nextName(bytes, start, end);
  return first === -1 ? -1 : nextName(bytes, endOfName(bytes, first, end), end);
}

/** Where a prefix may begin that ends at `name`: the candidates, the likeliest first. They are not before `start`. */
export function prefixStarts(bytes: Uint8Array, start: number, name: number): readonly number[] {
  if (name > start && bytes[name - 1] === COLON) {
    let at = name - 2 - MICROSECOND_DIGITS;
    if (at <= start || bytes[at] !== DOT) return [];
    at = digitsBefore(bytes, start, at);
    if (at <= start || bytes[at - 1] !== AT) return [];
    return [digitsBefore(bytes, start, at - 1)];
  }
  return ISO_BYTES.map((length) => name - length).filter((at) => at >= start);
}

function digitsBefore(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isDigit(bytes[at - 1]!)) at -= 1;
  return at;
}
