// Small charts in the terminal, and none of them in a pipe.

import { describe, expect, it } from 'vitest';
import { bars, coloured, sparkline, terminalOf, type Terminal } from '../../src/cli/terminal.js';

const tty = { isTTY: true, columns: 40 };
const utf8 = { TERM: 'xterm', LANG: 'C.UTF-8' };

function terminal(env: Readonly<Record<string, string>> = {}): Terminal {
  return terminalOf(tty, { ...utf8, ...env });
}

describe('terminalOf', () => {
  it('draws nothing into a pipe or onto a dumb terminal', () => {
    expect(terminalOf({}, utf8).draws).toBe(false);
    expect(terminal({ TERM: 'dumb' }).draws).toBe(false);
    expect(bars([{ label: 'a', value: 1 }], terminalOf({}, utf8))).toEqual([]);
    expect(sparkline([1, 2], terminalOf({}, utf8))).toBe('');
  });

  it('colours unless NO_COLOR is set and not empty', () => {
    expect(coloured('x', 'red', terminal())).toBe('\u001b[31mx\u001b[0m');
    expect(coloured('x', 'red', terminal({ NO_COLOR: '' }))).toBe('\u001b[31mx\u001b[0m');
    expect(coloured('x', 'red', terminal({ NO_COLOR: '1' }))).toBe('x');
  });

  it('uses block characters only under a UTF-8 locale', () => {
    expect(sparkline([0, 1, 8], terminal({ LC_ALL: 'C' }))).toBe(' 29');
    expect(bars([{ label: 'a', value: 2 }, { label: 'b', value: 1 }], terminal({ LC_ALL: 'C', NO_COLOR: '1' }))).toEqual([`a  ${'#'.repeat(34)} 2`, `b  ${'#'.repeat(17)} 1`]);
  });
});

describe('charts', () => {
  it('bars are in proportion, with what is small still visible', () => {
    const lines = bars([{ label: 'baseline', value: 6591 }, { label: 'predicted', value: 1, text: '1 [0 – 3]' }, { label: 'none', value: 0 }], terminal({ NO_COLOR: '1' }));
    expect(lines).toEqual([`baseline   ${'█'.repeat(18)} 6,591`, 'predicted  ▏ 1 [0 – 3]', 'none        0']);
  });

  it('draws negative values to the left of a middle', () => {
    const rows = [{ label: 'a', value: -2 }, { label: 'b', value: 1 }, { label: 'c', value: 0 }, { label: 'd', value: -0.01 }];
    expect(bars(rows, terminal({ NO_COLOR: '1' }))).toEqual([
      `a  ▐${'█'.repeat(19)}│ -2`,
      `b  ${' '.repeat(20)}│${'█'.repeat(9)}▋ 1`,
      `c  ${' '.repeat(20)}│ 0`,
      `d  ${' '.repeat(19)}▐│ -0.01`,
    ]);
    expect(bars([{ label: 'a', value: -1 }], terminal({ LC_ALL: 'C', NO_COLOR: '1' }))).toEqual([`a  ${'#'.repeat(32)}| -1`]);
  });

  it('a sparkline spans from nothing to its largest value', () => {
    expect(sparkline([0, 1, 4, 7, 8], terminal())).toBe(' ▂▅██');
  });

  it('makes labels from captures printable', () => {
    expect(bars([{ label: 'a\u001b[31m', value: 1 }], terminal({ NO_COLOR: '1' }))[0]).toContain('a\\x1b[31m');
  });
});
