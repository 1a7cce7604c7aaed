// Numbers and literals in bytes, against the parsers of the platform.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AsciiCursor, DIGIT_VALUES, ascii, indexOfLiteral, latin1, matchesAt } from '../../src/base/bytes.js';
import { holds } from '../support/property.js';

function cursorOn(text: string): AsciiCursor {
  const cursor = new AsciiCursor();
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  // Digits before and behind the piece must not be read.
  cursor.reset(bytes, 1, bytes.length - 1);
  return cursor;
}

test('whole numbers up to 2^53 - 1 are exact, larger ones are Infinity', () => {
  const digits = fc.bigInt({ min: 0n, max: 2n ** 70n });
  holds(
    fc.property(digits, fc.constantFrom('', ' ', 'z', '\0'), (n, behind) => {
      const expected = n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : Infinity;
      const decimal = cursorOn(`${n}${behind}`);
      expect(decimal.decimal()).toBe(expected);
      expect(decimal.at).toBe(1 + String(n).length);
      for (const text of [n.toString(16), n.toString(16).toUpperCase()]) {
        const hex = cursorOn(`0x${text}${behind}`);
        expect(hex.hex()).toBe(expected);
        expect(hex.at).toBe(3 + text.length);
      }
    }),
    1000,
  );
  expect(cursorOn('9007199254740991').decimal()).toBe(Number.MAX_SAFE_INTEGER);
  expect(cursorOn('9007199254740992').decimal()).toBe(Infinity);
  expect(cursorOn('0x1fffffffffffff').hex()).toBe(Number.MAX_SAFE_INTEGER);
  expect(cursorOn('0x20000000000000').hex()).toBe(Infinity);
  expect(cursorOn('9'.repeat(5000)).decimal()).toBe(Infinity);
});

test('what is no number is NaN and moves nothing', () => {
  for (const text of ['', ' 1', '-1', 'x', '0x', '0X1', 'g']) {
    const cursor = cursorOn(text);
    expect(cursor.hex()).toBeNaN();
    expect(cursor.at).toBe(1);
    if (!text.startsWith('0')) expect(cursor.decimal()).toBeNaN();
  }
});

test('a signed number has at most one minus', () => {
  expect([cursorOn('-42').signed(), cursorOn('42').signed(), cursorOn('-99999999999999999').signed()]).toEqual([-42, 42, -Infinity]);
  for (const text of ['-', '--1', 'x']) {
    const cursor = cursorOn(text);
    expect(cursor.signed()).toBeNaN();
    expect(cursor.at).toBe(1);
  }
});

test('a number of a fixed width takes exactly its digits', () => {
  expect(cursorOn('000042').digits(6)).toBe(42);
  expect(cursorOn('00004').digits(6)).toBeNaN();
  expect(cursorOn('00004a').digits(6)).toBeNaN();
});

test('literals match whole or not at all, and never beyond the end', () => {
  const bytes = ascii('xabcabd');
  expect(matchesAt(bytes, 1, 4, ascii('abc'))).toBe(true);
  expect(matchesAt(bytes, 1, 3, ascii('abc'))).toBe(false);
  expect(indexOfLiteral(bytes, 0, 7, ascii('abd'))).toBe(4);
  expect(indexOfLiteral(bytes, 0, 6, ascii('abd'))).toBe(-1);
  const cursor = cursorOn('ab');
  expect([cursor.literal(ascii('abc')), cursor.literal(ascii('a')), cursor.byte(0x63), cursor.byte(0x62), cursor.byte(0x39)]).toEqual([false, true, false, true, false]);
});

test('every byte has its value as a digit', () => {
  const values = Array.from({ length: 256 }, (_, byte) => '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()));
  expect([...DIGIT_VALUES].map((value) => (value < 16 ? value : -1))).toEqual(values);
});

test('latin1 keeps every byte as one character', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = latin1(all, 0, 256);
  expect(Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))).toEqual([...all]);
});
