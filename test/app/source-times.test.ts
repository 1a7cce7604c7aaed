import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/base/errors.js';
import { parseSeconds, sourceTimes } from '../../src/app/source-times.js';
import { holds } from '../support/property.js';

const PATHS = ['run/a.log', 'run/b=c.txt'];

test('seconds are read exactly', () => {
  expect(parseSeconds('1795369577.145637123')).toBe(1_795_369_577_145_637_123n);
  expect(parseSeconds('-0.5')).toBe(-500_000_000n);
  expect(parseSeconds('+3s')).toBe(3_000_000_000n);
  for (const text of ['', 'x', '1.', '.5', '1e3', '0.1234567891', '--1']) expect(parseSeconds(text)).toBeUndefined();
  holds(
    fc.property(fc.bigInt({ min: 0n, max: 9_999_999_999n }), fc.nat(999_999_999), (seconds, ns) => {
      expect(parseSeconds(`-${seconds}.${String(ns).padStart(9, '0')}`)).toBe(-(seconds * 1_000_000_000n + BigInt(ns)));
    }),
  );
});

test('a value holds for the file that it names, else for all', () => {
  const times = sourceTimes(PATHS, ['boot', 'b=c.txt=monotonic'], ['run/a.log=-1.5']);
  expect(times.clockOf('run/a.log')).toBe('boot');
  expect(times.clockOf('run/b=c.txt')).toBe('monotonic');
  expect(times.offsetNsOf('run/a.log')).toBe(-1_500_000_000n);
  expect(times.offsetNsOf('run/b=c.txt')).toBeUndefined();
});

test.each([
  [['sundial'], [], /--clock sundial can't be read/],
  [['none'], [], /--clock none can't be read/],
  [[], ['soon'], /--offset soon can't be read/],
  [[], ['z.log=1'], /--offset z.log=1 names z.log, which is none of the sources/],
  [['boot', 'trace'], [], /--clock is given twice for all sources/],
  [[], ['a.log=1', 'a.log=2'], /--offset is given twice for a.log/],
])('wrong use is refused: %j %j', (clocks, offsets, message) => {
  expect(() => sourceTimes(PATHS, clocks, offsets)).toThrow(
    expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringMatching(message), suggestions: [expect.any(String)] }),
  );
});
