// Tables as Parquet files: a row group per batch, pages compressed with Snappy. Follows [PARQUET] format 2.
//
// Integers are INT64 and times have no logical type: the fact `bellwether.units` says what the columns' units are, and every
// reader keeps the integers. Text of few values is always dictionary-encoded, other columns where it makes them smaller.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSource, SchemaElement } from 'hyparquet-writer';
import type { Column } from '../base/table.js';
import type { Encode } from './format.js';

/** The file; the footer with the places of the row groups comes last, so that it can be written to a pipe. */
export const parquetFile: Encode = function* ({ columns, facts }, batches) {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)],
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    createdBy: 'bellwether',
  });
  for (const batch of batches) {
    const columnData = columns.map((column, i): ColumnSource => {
      const data = batch.columns[i]! as ColumnSource['data'];
      return column.values === undefined ? { name: column.name, data } : { name: column.name, data, encoding: 'RLE_DICTIONARY' };
    });
    void parquet.write({ columnData, rowGroupSize: batch.length });
    yield taken(writer);
  }
  void parquet.finish();
  yield taken(writer);
};

function elementOf({ name, type }: Column): SchemaElement {
  const common = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type) {
    case 'integer':
      return { ...common, type: 'INT64' };
    case 'real':
      return { ...common, type: 'DOUBLE' };
    default:
      return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  }
}

/** What was written since the last call. `offset`, the place in the file, goes on; `index`, that in the buffer, begins again. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes();
  writer.index = 0;
  return bytes;
}
