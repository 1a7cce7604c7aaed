// Tables in the Arrow IPC format, as a file (random access) and as a stream. Follows [ARROW] Columnar Format 1.5,
// "Serialization and Interprocess Communication (IPC)".
//
// Integers are Int64: Timestamp and Duration would say nanoseconds too, but readers turn them into milliseconds or dates.
// The unit stands in the metadata of the field instead. Text of few values is dictionary-encoded with all its values in a
// fixed order, because a file may not replace a dictionary, and because equal tables must come to equal bytes.

import { AsyncByteQueue, Dictionary, Field, Float64, Int64, Int8, RecordBatch, RecordBatchFileWriter, RecordBatchStreamWriter } from 'apache-arrow';
import { Schema, Struct, Utf8, makeData, makeVector } from 'apache-arrow';
import type { Data, DataType, Vector } from 'apache-arrow';
import { assert } from '../base/assert.js';
import type { Cell, Column, RowBatch } from '../base/table.js';
import { type Encode, type ExportTable, unitOf } from './format.js';

/** Values that an 8-bit signed index can tell apart. */
const MAX_DICTIONARY = 128;

/** The file format. */
export const arrowFile: Encode = (table, batches) => encode(new RecordBatchFileWriter(), table, batches);

/** The stream format. */
export const arrowStream: Encode = (table, batches) => encode(new RecordBatchStreamWriter(), table, batches);

type Writer = RecordBatchFileWriter | RecordBatchStreamWriter;

function* encode(writer: Writer, table: ExportTable, batches: Iterable<RowBatch>): Generator<Uint8Array, void> {
  const columns = table.columns.map((column, number) => new ColumnEncoder(column, number));
  const schema = new Schema(columns.map((column) => column.field), new Map(Object.entries(table.facts)));
  const queue = new Pieces();
  writer.reset(queue, schema);
  const write = ({ length, columns: cells }: RowBatch): Uint8Array => {
    const children = columns.map((column, i) => column.data(cells[i]!));
    writer.write(new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })));
    return queue.take();
  };
  let written = 0;
  for (const batch of batches) {
    yield write(batch);
    written += 1;
  }
  // Dictionaries are written with the first batch, and readers want them even where there are no rows.
  if (written === 0) yield write({ length: 0, columns: columns.map(() => []) });
  writer.finish();
  yield queue.take();
}

/** Collects what a writer writes: the library's own queue can only be emptied by asynchronous readers. */
class Pieces extends AsyncByteQueue {
  private pieces: Uint8Array[] = [];

  override write(piece: ArrayBufferLike | ArrayBufferView): void {
    this.pieces.push(ArrayBuffer.isView(piece) ? new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength) : new Uint8Array(piece));
  }

  take(): Uint8Array {
    const taken = Buffer.concat(this.pieces);
    this.pieces = [];
    return taken;
  }
}

/** One column: its field, and the data of each batch. */
class ColumnEncoder {
  readonly field: Field;
  private readonly type: DataType;
  private readonly dictionary: Vector<Utf8> | undefined;
  private readonly indexes: ReadonlyMap<string, number>;

  constructor(column: Column, number: number) {
    const values = column.values ?? [];
    assert(values.length <= MAX_DICTIONARY, `column ${column.name} has ${values.length} values`);
    // The library would number dictionaries by a counter of the process.
    this.type = typeOf(column, number);
    this.dictionary = column.values === undefined ? undefined : makeVector(textData(values));
    this.indexes = new Map(values.map((value, index) => [value, index]));
    const unit = unitOf(column);
    this.field = new Field(column.name, this.type, true, new Map([['doc', column.doc], ...(unit === undefined ? [] : [['unit', unit] as const])]));
  }

  data(cells: readonly Cell[]): Data {
    const { type, dictionary } = this;
    const common = { length: cells.length, ...validity(cells) };
    if (type instanceof Int64) {
      const data = new BigInt64Array(cells.length);
      for (let i = 0; i < cells.length; i++) data[i] = (cells[i] ?? 0n) as bigint;
      return makeData({ ...common, type, data });
    }
    if (type instanceof Float64) return makeData({ ...common, type, data: Float64Array.from(cells, (cell) => (cell ?? 0) as number) });
    if (dictionary === undefined) return textData(cells as readonly (string | null)[]);
    const indexes = new Int8Array(cells.length);
    for (let i = 0; i < cells.length; i++) indexes[i] = cells[i] === null ? 0 : this.indexOf(cells[i] as string);
    return makeData({ ...common, type: type as Dictionary<Utf8, Int8>, data: indexes, dictionary });
  }

  private indexOf(value: string): number {
    const index = this.indexes.get(value);
    assert(index !== undefined, `column ${this.field.name} has no value ${JSON.stringify(value)}`);
    return index;
  }
}

function typeOf({ type, values }: Column, number: number): DataType {
  switch (type) {
    case 'integer':
      return new Int64();
    case 'real':
      return new Float64();
    default:
      return values === undefined ? new Utf8() : new Dictionary(new Utf8(), new Int8(), number);
  }
}

/** UTF-8 bytes one after the other, and where each text begins. */
function textData(texts: readonly (string | null)[]): Data<Utf8> {
  const bytes = texts.map((text) => Buffer.from(text ?? ''));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [i, { length }] of bytes.entries()) valueOffsets[i + 1] = valueOffsets[i]! + length;
  return makeData({ type: new Utf8(), length: texts.length, ...validity(texts), valueOffsets, data: Buffer.concat(bytes) });
}

/** One bit per row, the lowest first: 1 where there is a value. Without nulls there are no bits. */
function validity(cells: readonly Cell[]): { readonly nullCount: number; readonly nullBitmap: Uint8Array | null } {
  const bits = new Uint8Array(Math.ceil(cells.length / 8));
  let values = 0;
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] === null) continue;
    bits[i >> 3]! |= 1 << (i & 7);
    values += 1;
  }
  return values === cells.length ? { nullCount: 0, nullBitmap: null } : { nullCount: cells.length - values, nullBitmap: bits };
}
