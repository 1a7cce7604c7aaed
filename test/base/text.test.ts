import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson } from '../../src/base/text.js';

test('what a terminal would act on is shown instead', () => {
  expect(printable('a\u001b[31mb\n\tc\u0007\u007f\u009b')).toBe('a\\x1b[31mb\\x0a\\x09c\\x07\\x7f\\x9b');
  expect(printable('left\u202eright\u2066\u200f\ufeff\u2028')).toBe('left\\u{202e}right\\u{2066}\\u{200f}\\u{feff}\\u{2028}');
  expect(printable('lone \ud800 surrogate')).toBe('lone \\u{d800} surrogate');
  expect(printable('tag \u{e0041}')).toBe('tag \\u{e0041}');
});

test('everything else stays', () => {
  expect(printable('nvme0n1 µs Größe 读 🦙 \\x1b')).toBe('nvme0n1 µs Größe 读 🦙 \\x1b');
});

test('printable JSON has no raw control characters and means the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = printableJson(JSON.stringify({ [text]: text }, null, 2));
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(JSON.parse(json)).toEqual({ [text]: text });
    }),
  );
});
