// What can happen to a file: arbitraries of damage for the fuzz tests, as plain data that fast-check can shrink.

import * as fc from 'fast-check';
import { unreachable } from '../../src/base/assert.js';
import { LF, isDigit } from '../../src/base/bytes.js';

/** One wound. Places are fractions of the length, so that a wound stays where it is while others shrink. */
export type Wound =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number; readonly bytes: number }
  | { readonly kind: 'end'; readonly at: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly bytes: number; readonly times: number }
  | { readonly kind: 'insert'; readonly at: number; readonly what: Uint8Array }
  | { readonly kind: 'fill'; readonly at: number; readonly byte: number; readonly bytes: number }
  | { readonly kind: 'number'; readonly at: number; readonly size: number; readonly value: bigint; readonly little: boolean }
  | { readonly kind: 'digits'; readonly at: number; readonly what: string }
  | { readonly kind: 'move'; readonly at: number; readonly to: number }
  | { readonly kind: 'splice'; readonly at: number; readonly other: number; readonly from: number };

/** Longer than any line that a format takes. */
const LONG_LINE_BYTES = 1_100_000;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const small = fc.integer({ min: 1, max: 64 });

/** Values that sizes, counts and offsets may lie with. */
const lie = fc.oneof(
  fc.constantFrom(0n, 1n, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: 0x1_0000n }),
);

/** Numbers in a text that lie. */
const digits = fc.oneof(
  fc.constantFrom('', '0', '00', '-1', '65535', '65536', '4294967295', '4294967296', '9007199254740991', '9007199254740992', '18446744073709551615', '9'.repeat(40), 'f'.repeat(16), '0x', '1e9', '1.5'),
  fc.stringMatching(/^[0-9a-f]{1,20}$/),
);

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom('\n', '\r\n', '\r', ' ', ': ', '0x', '=', '[', '(', '-', '> ', '\u0000', '99999999999999999999').map((text) => Buffer.from(text)),
  // Not UTF-8: a lone continuation, a surrogate, an overlong slash.
  fc.constantFrom([0x80], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xff, 0xfe]).map((bytes) => Uint8Array.from(bytes)),
);

export const wounds: fc.Arbitrary<readonly Wound[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place, bytes: fc.oneof(small, fc.nat(5000)) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), at: place }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), at: place, bytes: fc.integer({ min: 1, max: 600 }), times: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), at: place, what: garbage }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const), at: place, byte: fc.constantFrom(0, 0x20, 0x41, 0xff), bytes: fc.nat(3000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('number' as const), at: place, size: fc.constantFrom(1, 2, 4, 8), value: lie, little: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('digits' as const), at: place, what: digits }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), at: place, to: place }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('splice' as const), at: place, other: fc.nat(), from: place }) },
  ),
  { minLength: 1, maxLength: 6 },
);

/** Inserts what makes a line too long; apart from `wounds`, since each costs a megabyte. */
export function longLine(bytes: Uint8Array, at: number): Buffer {
  const from = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, from), Buffer.alloc(LONG_LINE_BYTES, 0x61), bytes.subarray(from)]);
}

/** Applies wounds in their order; `corpus` is what splices take from. At most twice a file's length and 64 KiB come of it. */
export function damaged(bytes: Buffer, all: readonly Wound[], corpus: readonly Buffer[]): Buffer {
  const limit = 2 * bytes.length + 65_536;
  return all.reduce((current, wound) => apply(current, wound, corpus).subarray(0, limit), bytes);
}

function nextDigit(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isDigit(bytes[at]!)) at += 1;
  return at;
}

function apply(bytes: Buffer, wound: Wound, corpus: readonly Buffer[]): Buffer {
  const at = Math.min(bytes.length, Math.floor(wound.at * bytes.length));
  const head = bytes.subarray(0, at);
  switch (wound.kind) {
    case 'flip':
      return at < bytes.length ? Buffer.concat([head, Buffer.of(bytes.readUInt8(at) ^ (1 << wound.bit)), bytes.subarray(at + 1)]) : bytes;
    case 'cut':
      return Buffer.concat([head, bytes.subarray(at + wound.bytes)]);
    case 'end':
      return head;
    case 'repeat': {
      const piece = bytes.subarray(at, at + wound.bytes);
      return Buffer.concat([head, ...Array.from({ length: wound.times }, () => piece), bytes.subarray(at)]);
    }
    case 'insert':
      return Buffer.concat([head, wound.what, bytes.subarray(at)]);
    case 'fill':
      return Buffer.concat([head, Buffer.alloc(wound.bytes, wound.byte), bytes.subarray(at + wound.bytes)]);
    case 'number': {
      const number = Buffer.alloc(8);
      if (wound.little) number.writeBigUInt64LE(wound.value);
      else number.writeBigUInt64BE(BigInt.asUintN(64, wound.value << BigInt(64 - 8 * wound.size)));
      return Buffer.concat([head, number.subarray(0, wound.size), bytes.subarray(at + wound.size)]);
    }
    case 'digits': {
      const from = nextDigit(bytes, at);
      let end = from;
      while (end < bytes.length && isDigit(bytes[end]!)) end += 1;
      return Buffer.concat([bytes.subarray(0, from), Buffer.from(wound.what), bytes.subarray(end)]);
    }
    case 'move': {
      // The line at hand, with its LF, goes where another begins: order and time are wrong then.
      const from = bytes.lastIndexOf(LF, Math.max(0, at - 1)) + 1;
      const end = bytes.indexOf(LF, from) + 1;
      if (end === 0) return bytes;
      const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(end)]);
      const to = rest.indexOf(LF, Math.floor(wound.to * rest.length)) + 1;
      return Buffer.concat([rest.subarray(0, to), bytes.subarray(from, end), rest.subarray(to)]);
    }
    case 'splice': {
      const other = corpus[wound.other % corpus.length] ?? bytes;
      return Buffer.concat([head, other.subarray(Math.floor(wound.from * other.length))]);
    }
    default:
      return unreachable(wound);
  }
}
