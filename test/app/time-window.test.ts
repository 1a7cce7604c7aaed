import { describe, expect, test } from 'vitest';
import { BellwetherError, EXIT } from '../../src/base/errors.js';
import { timeOf, windowFlags, windowOf, windowText } from '../../src/app/time-window.js';

function refusal(work: () => unknown): BellwetherError {
  try {
    work();
  } catch (error) {
    if (error instanceof BellwetherError) return error;
  }
  throw new Error('it was not refused');
}

test.each([
  ['1.5', 1.5e9],
  ['1.5s', 1.5e9],
  ['.5 s', 0.5e9],
  ['300ms', 300e6],
  ['20us', 20e3],
  ['0.5us', 500],
  ['500ns', 500],
  ['0', 0],
])('%s is %d ns', (text, ns) => {
  expect(timeOf('--from', text)).toBe(ns);
});

test.each(['', 's', '-1', '1e9', '1m', '1,5', '0x10', 'NaN', 'Infinity', '1.5.1', `${'9'.repeat(400)}s`, '10000000s'])('%j is refused', (text) => {
  const { message, exitCode, suggestions } = refusal(() => timeOf('--to', text));
  expect([exitCode, message]).toEqual([EXIT.usage, `--to ${text}: not a time since the trace's start`]);
  expect(suggestions.join()).toContain('--to 300ms');
});

describe('a window', () => {
  test('is open where nothing is said, and none where nothing is cut off', () => {
    expect(windowOf(undefined, undefined)).toBeUndefined();
    expect(windowOf('0', undefined)).toBeUndefined();
    expect(windowOf('1', undefined)).toEqual({ fromNs: 1e9, toNs: Infinity });
    expect(windowOf(undefined, '2ms')).toEqual({ fromNs: 0, toNs: 2e6 });
  });

  test.each([
    ['3s', '2s', '--from 3s --to 2s: the window is empty', '--from 2s --to 3s'],
    ['2s', '2000ms', '--from 2s --to 2000ms: the window is empty', 'Leave --to out'],
    [undefined, '0', "--to 0: nothing lies before the trace's start", 'a --to above 0'],
  ])('from %s to %s is refused', (from, to, message, wayOut) => {
    const refused = refusal(() => windowOf(from, to));
    expect(refused.exitCode).toBe(EXIT.usage);
    expect(refused.message).toContain(message);
    expect(refused.suggestions.join()).toContain(wayOut);
    if (from === '3s') expect(refused.suggestions.join()).not.toContain(message);
  });

  test.each([
    [{ fromNs: 1.5e9, toNs: 3e9 }, '1.5s..3s', ['--from 1500000000ns', '--to 3000000000ns']],
    [{ fromNs: 0, toNs: 500 }, '0s..0.0000005s', ['--to 500ns']],
    [{ fromNs: 10e9, toNs: Infinity }, '10s..end', ['--from 10000000000ns']],
  ])('%o is told as %s', (window, text, flags) => {
    expect(windowText(window)).toBe(text);
    expect(windowFlags(window)).toEqual(flags);
    const given = (name: string): string | undefined => flags.find((flag) => flag.startsWith(name))?.split(' ')[1];
    expect(windowOf(given('--from'), given('--to'))).toEqual(window);
  });
});
