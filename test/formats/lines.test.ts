// The line scanner: the same lines from every cutting of the bytes, and bounds that hold.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineScanner, MAX_LINE_BYTES, OVERLONG_HEAD_BYTES } from '../../src/formats/lines.js';
import { holds } from '../support/property.js';

interface Seen {
  readonly number: number;
  readonly text: string;
  readonly how: 'line' | 'unterminated' | 'overlong';
}

/** The report of an over-long line is compared up to the bound, as its end depends on the chunks when the bound is below OVERLONG_HEAD_BYTES. */
function scan(chunks: readonly Uint8Array[], maxBytes = MAX_LINE_BYTES): Seen[] {
  const seen: Seen[] = [];
  const scanner = new LineScanner(
    {
      line(bytes, start, end, number, terminated) {
        seen.push({ number, text: Buffer.from(bytes.subarray(start, end)).toString('latin1'), how: terminated ? 'line' : 'unterminated' });
      },
      overlong(bytes, start, end, number) {
        seen.push({ number, text: Buffer.from(bytes.subarray(start, end)).toString('latin1').slice(0, maxBytes), how: 'overlong' });
      },
    },
    maxBytes,
  );
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return seen;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

test('LF and CRLF end lines, a CR elsewhere belongs to its line, the last line may lack both', () => {
  expect(scan([Buffer.from('a\r\n\nb\rc\n\r\nlast')])).toEqual([
    { number: 1, text: 'a', how: 'line' },
    { number: 2, text: '', how: 'line' },
    { number: 3, text: 'b\rc', how: 'line' },
    { number: 4, text: '', how: 'line' },
    { number: 5, text: 'last', how: 'unterminated' },
  ]);
});

test('nothing is no line, and a last LF begins none', () => {
  expect(scan([])).toEqual([]);
  expect(scan([Buffer.from('x\n')])).toHaveLength(1);
});

test('a line beyond the bound is reported once, with its beginning, and the next line is whole', () => {
  const long = 'y'.repeat(5000);
  for (const size of [1, 7, 100, 1e6]) {
    expect(scan(cut(Buffer.from(`a\n${long}\nb\n${long}`), size), 1000)).toEqual([
      { number: 1, text: 'a', how: 'line' },
      { number: 2, text: long.slice(0, OVERLONG_HEAD_BYTES), how: 'overlong' },
      { number: 3, text: 'b', how: 'line' },
      { number: 4, text: long.slice(0, OVERLONG_HEAD_BYTES), how: 'overlong' },
    ]);
  }
});

test('a line of exactly the bound is delivered', () => {
  const lines = scan(cut(Buffer.from(`${'z'.repeat(MAX_LINE_BYTES)}\n${'z'.repeat(MAX_LINE_BYTES + 1)}\n`), 65_536));
  expect(lines.map(({ how }) => how)).toEqual(['line', 'overlong']);
});

test('any bytes, cut anywhere, give the same lines as split does', () => {
  // Few different bytes, so that LF, CR and NUL are frequent.
  const bytes = fc.array(fc.constantFrom(0x0a, 0x0d, 0x00, 0x61, 0xff), { maxLength: 300 }).map((all) => Uint8Array.from(all));
  holds(
    fc.property(bytes, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 40 }), (all, size, maxBytes) => {
      const parts = Buffer.from(all).toString('latin1').split('\n');
      const last = parts.pop() ?? '';
      const expected: Seen[] = [...parts.map((part) => ({ part, how: 'line' as const })), ...(last === '' ? [] : [{ part: last, how: 'unterminated' as const }])].map(
        ({ part, how }, i) =>
          part.length > maxBytes
            ? { number: i + 1, text: part.slice(0, maxBytes), how: 'overlong' }
            : { number: i + 1, text: part.replace(/\r$/, ''), how },
      );
      expect(scan([all], maxBytes)).toEqual(expected);
      expect(scan(cut(all, size), maxBytes)).toEqual(expected);
    }),
    1000,
  );
});
