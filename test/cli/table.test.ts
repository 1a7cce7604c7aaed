import { expect, test } from 'vitest';
import { csvLine } from '../../src/base/csv.js';
import { ProgressLine } from '../../src/cli/progress.js';
import { printTable } from '../../src/cli/table.js';

function table(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const lines: string[] = [];
  printTable(header, rows, (line) => lines.push(line));
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
