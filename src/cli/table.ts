// A table for the terminal: columns aligned, numbers to the right, untrusted text made printable.

import { printable } from '../base/text.js';

export type Cell = string | number | null;

/** Rows that set the widths of the columns; a longer cell further down shifts the rest of its line. */
const MEASURED_ROWS = 500;
const GAP = '  ';

/** Prints rows as they come: they are held back until the widths are known. */
export class TablePrinter {
  private readonly header: readonly string[];
  private readonly print: (line: string) => void;
  private held: (readonly Cell[])[] = [];
  private widths: readonly number[] | undefined;
  private rightAligned: readonly boolean[] = [];

  constructor(header: readonly string[], print: (line: string) => void) {
    this.header = header;
    this.print = print;
  }

  row(cells: readonly Cell[]): void {
    if (this.widths === undefined) {
      this.held.push(cells);
      if (this.held.length === MEASURED_ROWS) this.start();
    } else {
      this.print(this.line(cells));
    }
  }

  /** Prints what is held back. Call it once, after the last row. */
  end(): void {
    if (this.widths === undefined) this.start();
  }

  private start(): void {
    const columns = this.header.map((name, i) => [name, ...this.held.map((cells) => cells[i] ?? null)]);
    this.widths = columns.map((cells) => Math.max(...cells.map((cell) => shown(cell).length)));
    this.rightAligned = this.header.map((_, i) => this.held.length > 0 && this.held.every((cells) => isNumberOrNull(cells[i])));
    this.print(this.line(this.header));
    for (const cells of this.held) this.print(this.line(cells));
    this.held = [];
  }

  private line(cells: readonly Cell[]): string {
    const padded = cells.map((cell, i) => {
      const width = this.widths?.[i] ?? 0;
      return this.rightAligned[i] === true ? shown(cell).padStart(width) : shown(cell).padEnd(width);
    });
    return padded.join(GAP).trimEnd();
  }
}

/** Prints a whole table. */
export function printTable(header: readonly string[], rows: Iterable<readonly Cell[]>, print: (line: string) => void): void {
  const table = new TablePrinter(header, print);
  for (const row of rows) table.row(row);
  table.end();
}

function isNumberOrNull(cell: Cell | undefined): boolean {
  return cell === null || typeof cell === 'number';
}

function shown(cell: Cell): string {
  return cell === null ? '' : printable(String(cell));
}
