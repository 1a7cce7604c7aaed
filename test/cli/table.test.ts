import { expect, test } from 'vitest';
import { csvLine } from '../../src/base/csv.js';
import { ProgressLine } from '../../src/cli/progress.js';
import { printTable } from '../../src/cli/table.js';

function table(header: readonly string[], rows: readonly (readonly (string | number | null)[])[], columns?: number): string[] {
  const lines: string[] = [];
  printTable(header, rows, (line) => lines.push(line), columns);
  return lines;
}

test('numbers stand to the right, text to the left, nothing for null', () => {
  expect(table(['name', 'n', 'mixed'], [['a', 5, 1], ['longer', 1234, 'x'], [null, null, null]])).toEqual([
    'name       n  mixed',
    'a          5  1',
    'longer  1234  x',
    '',
  ]);
});

test('quantities with units stand to the right like numbers', () => {
  expect(table(['what', 'time', 'share', 'range'], [['a', '2.79 ms', '+5.0 %', '1 .. 2'], ['b', '-105 us', '-12.5 %', ''], ['c', '', '', '3']])).toEqual([
    'what     time    share  range',
    'a     2.79 ms   +5.0 %  1 .. 2',
    'b     -105 us  -12.5 %',
    'c                       3',
  ]);
});

test('on a terminal long texts go on in further lines, and numbers stay whole', () => {
  const rows = [['follow-tail', 'after each command it writes what it saw', 12345], ['unbreakable-name-of-a-policy', 'short', 1]];
  expect(table(['name', 'what it does', 'states'], rows, 44)).toEqual([
    'name                          what it  states',
    '                              does',
    'follow-tail                   after     12345',
    '                              each',
    '                              command',
    '                              it',
    '                              writes',
    '                              what it',
    '                              saw',
    'unbreakable-name-of-a-policy  short         1',
  ]);
  expect(table(['name', 'what it does', 'states'], rows, 400)).toEqual(table(['name', 'what it does', 'states'], rows));
  // Where there is no room at all, it is as narrow as its words are.
  expect(Math.max(...table(['name', 'what it does', 'states'], rows, 5).map((line) => line.length))).toBe(28 + 2 + 7 + 2 + 6);
});

test('a table without rows is its header', () => {
  expect(table(['a', 'b'], [])).toEqual(['a  b']);
});

test('a large table keeps the widths of its first rows', () => {
  const lines = table(['n', 't'], Array.from({ length: 2000 }, (_, i) => [i, 'x']));
  expect(lines).toHaveLength(1 + 2000);
  expect(lines[1]).toBe('  0  x');
  expect(lines[2000]).toBe('1999  x');
});

test('cells are printable and stay on their line', () => {
  expect(table(['a'], [['x\u001b[2J\ny']])).toEqual(['a', 'x\\x1b[2J\\x0ay']);
});

test('CSV quotes delimiters, quotes, line ends and the empty string, which differs from null', () => {
  expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', '', null, -1.5])).toBe('a,"b,c","d""e","f\ng","",,-1.5');
});

test('progress is written to a terminal only, cut to its width, and erased', () => {
  expect(progressOn(false)).toBe('');
  expect(progressOn(true)).toBe('\r\u001b[Ka text that\r\u001b[K');
});

function progressOn(isTTY: boolean): string {
  let output = '';
  const write = (text: string): boolean => {
    output += text;
    return true;
  };
  const progress = new ProgressLine(true, { isTTY, columns: 12, write });
  progress.show(() => 'a text that is too long');
  progress.clear();
  progress.clear();
  return output;
}
