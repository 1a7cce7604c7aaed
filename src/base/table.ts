// A table as it passes between rooms: what its columns are, and its rows a batch at a time, column by column.

/** What a column holds besides null. Integers have 64 bits; text is Unicode. */
export type ColumnType = 'integer' | 'real' | 'text';

export interface Column {
  readonly name: string;
  /** What it means, in one line. A name that ends in _ns says that the unit is nanoseconds. */
  readonly doc: string;
  readonly type: ColumnType;
  /** Of a text column whose values are few and known beforehand: all of them. */
  readonly values?: readonly string[];
}

/** A bigint in an integer column, a number in a real one, a string in a text one, or null in any. */
export type Cell = bigint | number | string | null;

/** Rows, column-major: `columns[c][row]`, in the order of the table's columns. */
export interface RowBatch {
  readonly length: number;
  readonly columns: readonly (readonly Cell[])[];
}
