import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatNs, formatPercent, plural } from '../../src/base/units.js';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
  [-1_234_567, '-1,234,567'],
  [-123_456, '-123,456'],
  [1234.5678, '1,234.5678'],
])('formatCount(%s) is %s', (n, text) => {
  expect(formatCount(n)).toBe(text);
});

test.each([
  [0, '0 ns'],
  [1, '1 ns'],
  [999, '999 ns'],
  [1234, '1.23 us'],
  [1140, '1.14 us'],
  [12_345, '12.3 us'],
  [999_499, '999 us'],
  [999_999, '1 ms'],
  [1_500_000, '1.5 ms'],
  [999_999_999, '1 s'],
  [61_200_000_000, '61.2 s'],
  [-1234, '-1.23 us'],
])('formatNs(%s) is %s', (ns, text) => {
  expect(formatNs(ns)).toBe(text);
});

test.each([
  [0.8237, '82.4 %'],
  [0, '0.0 %'],
  [1, '100.0 %'],
  [-0.05, '-5.0 %'],
])('formatPercent(%s) is %s', (fraction, text) => {
  expect(formatPercent(fraction)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [256 * 1024, '256 KiB'],
  [3 * 1024 ** 3, '3 GiB'],
  [5000 * 1024 ** 4, '5000 TiB'],
])('formatBytes(%s) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('the plural goes with every number but 1', () => {
  expect([plural(0, 'command'), plural(1, 'command'), plural(1500, 'command')]).toEqual(['0 commands', '1 command', '1,500 commands']);
  expect(plural(2, 'query', 'queries')).toBe('2 queries');
});
