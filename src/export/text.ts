// Tables as CSV (RFC 4180, lines end in LF) and as JSON lines.
//
// Integers are written in full, also beyond 2^53, where JavaScript's JSON.parse would round them; a column's values are
// then of one type throughout. Text is written as it is: a spreadsheet that takes a field for a formula is told so by
// docs/export.md, since an apostrophe in front would be other data.

import { csvLine } from '../base/csv.js';
import { printableJson } from '../base/text.js';
import type { Cell, RowBatch } from '../base/table.js';
import type { Encode } from './format.js';

/** Rows that are made into one piece of text. */
const PIECE_ROWS = 1024;

/** A header of column names, then a line per row. Null is an empty field, an empty text is "". */
export const csvText: Encode = function* (table, batches) {
  yield Buffer.from(`${csvLine(table.columns.map((column) => column.name))}\n`);
  for (const batch of batches) yield* pieces(batch, (row) => `${csvLine(batch.columns.map((cells) => cells[row]!))}\n`);
};

/** A JSON object per line, with every column as a key. Characters that a terminal would act on are escaped. */
export const jsonLines: Encode = function* (table, batches) {
  const keys = table.columns.map((column) => JSON.stringify(column.name));
  for (const { length, columns } of batches) {
    const line = (row: number): string => `{${keys.map((key, c) => `${key}:${jsonValue(columns[c]![row]!)}`).join(',')}}\n`;
    yield* pieces({ length, columns }, line);
  }
};

function* pieces(batch: RowBatch, line: (row: number) => string): Generator<Uint8Array, void> {
  for (let from = 0; from < batch.length; from += PIECE_ROWS) {
    const rows = Math.min(PIECE_ROWS, batch.length - from);
    yield Buffer.from(Array.from({ length: rows }, (_, i) => line(from + i)).join(''));
  }
}

function jsonValue(cell: Cell): string {
  if (typeof cell === 'string') return printableJson(JSON.stringify(cell));
  if (typeof cell !== 'number' || Number.isFinite(cell)) return String(cell);
  // JSON has no infinity; a number that is too large is read as one.
  return cell > 0 ? '1e999' : '-1e999';
}
