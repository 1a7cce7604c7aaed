// Tables for the terminal: two spaces between columns, a rule under the header, numbers to the right.

import { printable } from '../base/text.js';
import { formatCount } from '../base/units.js';
import { NO_VALUE } from './cells.js';

export interface TextColumn {
  readonly title: string;
  /** By default a column of numbers is set to the right and any other to the left. */
  readonly align?: 'left' | 'right';
}

/** Numbers are grouped by thousands; give text for any other form. null: no value. */
export type TextCell = string | number | null;

/** The table as lines of text, ended by a newline. Control characters in cells are made visible. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly TextCell[])[]): string {
  const texts = rows.map((row) => columns.map((_, i) => cellText(row[i] ?? null)));
  const isRight = columns.map((column, i) => isRightAligned(column, rows.map((row) => row[i] ?? null)));
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...texts.map((row) => displayWidth(row[i]!))),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => padded(cell, widths[i]!, isRight[i]!)).join('  ').trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[line(columns.map((column) => column.title)), rule, ...texts.map(line)].join('\n')}\n`;
}

function cellText(cell: TextCell): string {
  if (cell === null) return NO_VALUE;
  return typeof cell === 'number' ? formatCount(cell) : printable(cell);
}

function isRightAligned(column: TextColumn, cells: readonly TextCell[]): boolean {
  if (column.align !== undefined) return column.align === 'right';
  return cells.some((cell) => typeof cell === 'number') && cells.every((cell) => typeof cell !== 'string');
}

function padded(text: string, width: number, isRight: boolean): string {
  const gap = ' '.repeat(width - displayWidth(text));
  return isRight ? gap + text : text + gap;
}

/** Marks that a terminal draws on top of the character before. */
const COMBINING = /^\p{M}$/u;
/** Scripts and symbols that a terminal draws two columns wide; a coarse list, enough to keep columns straight. */
const WIDE = /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Columns that the text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (COMBINING.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
