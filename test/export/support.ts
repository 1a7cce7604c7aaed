// Exported bytes read back by other implementations, as plain cells in rows.

import { tableFromIPC } from '@uwdata/flechette';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Cell, RowBatch } from '../../src/base/table.js';
import { encoderOf } from '../../src/export/format.js';
import type { ExportFormat, ExportTable } from '../../src/export/format.js';

export type Row = readonly Cell[];

/** The file of a table. */
export async function encoded(format: ExportFormat, table: ExportTable, batches: Iterable<RowBatch>): Promise<Buffer> {
  const encode = await encoderOf(format);
  // Copied: a piece is valid only until the next.
  return Buffer.concat([...map(encode(table, batches), (piece) => Buffer.from(piece))]);
}

/** Rows as batches of at most `size`. */
export function* batchesOf(rows: readonly Row[], columns: number, size: number): Generator<RowBatch, void> {
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size);
    yield { length: part.length, columns: Array.from({ length: columns }, (_, c) => part.map((row) => row[c]!)) };
  }
}

/** Rows of an Arrow file or stream, as flechette reads them. */
export function arrowRows(bytes: Uint8Array): readonly Row[] {
  const table = tableFromIPC(bytes, { useBigInt: true });
  const columns = table.names.map((name) => [...table.getChild(name)] as Cell[]);
  return Array.from({ length: table.numRows }, (_, row) => columns.map((cells) => cells[row]!));
}

/** Rows of a Parquet file, as hyparquet reads them. */
export async function parquetRows(bytes: Uint8Array): Promise<readonly Row[]> {
  const file = arrayBufferOf(bytes);
  const names = parquetMetadata(file).schema.slice(1).map((element) => element.name);
  const objects = await parquetReadObjects({ file });
  return objects.map((object) => names.map((name) => (object[name] ?? null) as Cell));
}

/** The bytes in a buffer of their own. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/**
 * Records of RFC 4180 with LF: a field is text, or null when it is empty without quotes.
 * Written from the RFC's grammar, character by character, and not from what our writer does.
 */
export function csvRecords(text: string): readonly (readonly (string | null)[])[] {
  const records: (string | null)[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let field: string | null = null;
    if (text[at] === '"') {
      field = '';
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (at >= text.length) throw new Error('a quote is not closed');
        if (text[at] === '"') at += 1;
        field += text[at]!;
      }
      at += 1;
    } else {
      for (; at < text.length && text[at] !== ',' && text[at] !== '\n'; at++) field = (field ?? '') + text[at]!;
    }
    records.at(-1)!.push(field);
    if (text[at] === '\n' && at + 1 < text.length) records.push([]);
    // A comma or the end of the line; a comma at the very end would hide an empty field, but a line end follows always.
    at += 1;
  }
  return records;
}

/** The cells of a JSON line, in their order. JSON.parse would round integers, so that numbers are read as text first. */
export function jsonCells(line: string, types: readonly string[]): Row {
  const numbersAsText = line.replaceAll(/("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g, (token, text: string | undefined) => text ?? `"${token}"`);
  const values = Object.values(JSON.parse(numbersAsText) as Record<string, string | null>);
  return values.map((value, c) => cellOf(value, types[c]!));
}

/** The cell of a text form: null, or text that stands for a value of the type. */
export function cellOf(text: string | null, type: string): Cell {
  if (text === null || type === 'text') return text;
  return type === 'integer' ? BigInt(text) : Number(text);
}

function* map<T, U>(items: Iterable<T>, change: (item: T) => U): Generator<U, void> {
  for (const item of items) yield change(item);
}
