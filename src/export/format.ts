// Formats of exported tables, by the ending of the file. All are written from front to back, a batch of rows at a time.

import type { Column, RowBatch } from '../base/table.js';

export const EXPORT_FORMATS = ['arrow', 'arrows', 'parquet', 'csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What is exported: columns, and facts about the table for the formats that can hold such. */
export interface ExportTable {
  readonly columns: readonly Column[];
  /** In the order in which they are written. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * The file's bytes for the table's rows, in pieces; each must be written before the next is asked for.
 * Nothing but the arguments goes into them. At most one batch is held.
 */
export type Encode = (table: ExportTable, batches: Iterable<RowBatch>) => Generator<Uint8Array, void>;

/** The format that a path asks for by its ending; undefined when it has none of ours. Letter case doesn't matter. */
export function exportFormatOf(path: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`));
}

/** Whether a terminal can show the format. */
export function isTextFormat(format: ExportFormat): boolean {
  return format === 'csv' || format === 'jsonl';
}

/** The encoder of a format; only its own library is loaded. */
export async function encoderOf(format: ExportFormat): Promise<Encode> {
  switch (format) {
    case 'arrow':
      return (await import('./arrow.js')).arrowFile;
    case 'arrows':
      return (await import('./arrow.js')).arrowStream;
    case 'parquet':
      return (await import('./parquet.js')).parquetFile;
    case 'csv':
      return (await import('./text.js')).csvText;
    default:
      return (await import('./text.js')).jsonLines;
  }
}

/** Unit of a column's numbers, as its name says it; undefined where they have none. */
export function unitOf(column: Column): 'ns' | undefined {
  return column.type !== 'text' && column.name.endsWith('_ns') ? 'ns' : undefined;
}
