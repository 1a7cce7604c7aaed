// Data table -> CSV (RFC 4180, LF line ends): a header of column keys, then the rows.

import type { Cell, DataTable } from './spec.js';

/** The table as CSV text. Numbers are written in full, null as nothing. */
export function csvOf(table: DataTable): string {
  const lines = [
    table.columns.map((column) => column.key).join(','),
    ...table.rows.map((row) => table.columns.map((column) => csvCell(row[column.key] ?? null)).join(',')),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Text that a spreadsheet would take for a formula (it starts with = + - @) gets an apostrophe in front:
 * names come from captures, and a capture can come from anyone.
 */
function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@]./.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
