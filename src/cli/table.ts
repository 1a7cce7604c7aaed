// A table for the terminal: columns aligned, numbers and quantities to the right, untrusted text made printable.

import { printable } from '../base/text.js';
import { fittedWidths, longestWord, wrapped } from './wrap.js';

export type Cell = string | number | null;

/** Rows that set the widths of the columns; a longer cell further down shifts the rest of its line. */
const MEASURED_ROWS = 500;
const GAP = '  ';

/** Prints rows as they come: they are held back until the widths are known. */
export class TablePrinter {
  private readonly header: readonly string[];
  private readonly print: (line: string) => void;
  /** Characters of a line of the terminal; undefined where lines may be of any length. */
  private readonly columns: number | undefined;
  private held: (readonly Cell[])[] = [];
  private widths: readonly number[] | undefined;
  private rightAligned: readonly boolean[] = [];

  constructor(header: readonly string[], print: (line: string) => void, columns?: number) {
    this.header = header;
    this.columns = columns;
    this.print = print;
  }

  row(cells: readonly Cell[]): void {
    if (this.widths === undefined) {
      this.held.push(cells);
      if (this.held.length === MEASURED_ROWS) this.start();
    } else {
      this.lines(cells);
    }
  }

  /** Prints what is held back. Call it once, after the last row. */
  end(): void {
    if (this.widths === undefined) this.start();
  }

  private start(): void {
    const columns = this.header.map((name, i) => [name, ...this.held.map((cells) => cells[i] ?? null)]);
    const widths = columns.map((cells) => Math.max(...cells.map((cell) => shown(cell).length)));
    this.rightAligned = this.header.map((_, i) => this.held.length > 0 && this.held.every((cells) => isQuantityOrNull(cells[i])));
    const room = (this.columns ?? Infinity) - (widths.length - 1) * GAP.length;
    const least = columns.map((cells, i) => (this.rightAligned[i] === true ? widths[i]! : Math.max(...cells.map((cell) => longestWord(shown(cell))))));
    this.widths = fittedWidths(widths, least, room);
    this.lines(this.header);
    for (const cells of this.held) this.lines(cells);
    this.held = [];
  }

  /** Prints a row: one line, or several where the terminal has no room for its texts. */
  private lines(cells: readonly Cell[]): void {
    const parts = cells.map((cell, i) => (this.columns === undefined ? [shown(cell)] : wrapped(shown(cell), this.widths?.[i] ?? 0)));
    for (let line = 0; line < Math.max(...parts.map((part) => part.length)); line++) this.print(this.line(parts.map((part) => part[line] ?? '')));
  }

  private line(texts: readonly string[]): string {
    const padded = texts.map((text, i) => {
      const width = this.widths?.[i] ?? 0;
      return this.rightAligned[i] === true ? text.padStart(width) : text.padEnd(width);
    });
    return padded.join(GAP).trimEnd();
  }
}

/** Prints a whole table; `columns` as TablePrinter has it. */
export function printTable(header: readonly string[], rows: Iterable<readonly Cell[]>, print: (line: string) => void, columns?: number): void {
  const table = new TablePrinter(header, print, columns);
  for (const row of rows) table.row(row);
  table.end();
}

/** A number as text, with a sign, separators and a unit where it has them: "-1,854", "2.79 ms", "+5.0 %". */
const QUANTITY = /^(?:[-+]?[\d,]*\.?\d+(?: (?:ns|us|ms|s|%|B|[KMG]iB))?)?$/;

function isQuantityOrNull(cell: Cell | undefined): boolean {
  return cell === null || typeof cell === 'number' || (typeof cell === 'string' && QUANTITY.test(cell));
}

function shown(cell: Cell): string {
  return cell === null ? '' : printable(String(cell));
}
