// What other implementations read in exported files is what was written, cell by cell.

import { createHash } from 'node:crypto';
import { tableFromIPC } from '@uwdata/flechette';
import * as fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import type { Cell, Column } from '../../src/base/table.js';
import { EXPORT_FORMATS } from '../../src/export/format.js';
import type { ExportFormat, ExportTable } from '../../src/export/format.js';
import { holds } from '../support/property.js';
import { arrayBufferOf, arrowRows, batchesOf, cellOf, csvRecords, encoded, jsonCells, parquetRows } from './support.js';
import type { Row } from './support.js';

const COLUMNS: readonly Column[] = [
  { name: 'seq', doc: 'an integer', type: 'integer' },
  { name: 'time_ns', doc: 'a time', type: 'integer' },
  { name: 'mean', doc: 'a real number', type: 'real' },
  { name: 'side', doc: 'one of two', type: 'text', values: ['sq', 'cq'] },
  { name: 'text', doc: 'any text', type: 'text' },
];
const TYPES = COLUMNS.map((column) => column.type);
const TABLE: ExportTable = { columns: COLUMNS, facts: { 'bellwether.view': 'test', 'bellwether.trace': 'a "b" ü' } };

/** Text as a store can hold it, with what CSV and JSON have to escape among it. */
const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('', '"', ',', 'a\nb', 'a\r\nb', '=1+1', "'", '""', '\u202e', '\0'));
// SQLite has one zero.
const anyReal = fc.double({ noNaN: true }).map((x) => x + 0);
function orNull<T extends Cell>(cell: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(cell, { nil: null, freq: 4 });
}
const anyInteger = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 9n }), fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n));
const anyRow: fc.Arbitrary<Row> = fc.tuple(orNull(anyInteger), orNull(anyInteger), orNull(anyReal), orNull(fc.constantFrom('sq', 'cq')), orNull(anyText));
const anyRows = fc.array(anyRow, { maxLength: 60 });
const anySize = fc.integer({ min: 1, max: 70 });

function bytesOf(format: ExportFormat, rows: readonly Row[], size: number): Promise<Buffer> {
  return encoded(format, TABLE, batchesOf(rows, COLUMNS.length, size));
}

async function rowsIn(format: ExportFormat, bytes: Buffer): Promise<readonly Row[]> {
  switch (format) {
    case 'arrow':
    case 'arrows':
      return arrowRows(bytes);
    case 'parquet':
      return parquetRows(bytes);
    case 'csv': {
      const [header, ...records] = csvRecords(bytes.toString());
      expect(header).toEqual(COLUMNS.map((column) => column.name));
      return records.map((record) => record.map((field, c) => cellOf(field, TYPES[c]!)));
    }
    default: {
      const lines = bytes.toString().split('\n');
      expect(lines.pop()).toBe('');
      return lines.map((line) => jsonCells(line, TYPES));
    }
  }
}

test.each(EXPORT_FORMATS)('%s: any rows come back exactly, whatever the size of the batches', async (format) => {
  const property = fc.asyncProperty(anyRows, anySize, async (rows, size) => {
    expect(await rowsIn(format, await bytesOf(format, rows, size))).toEqual(rows);
  });
  await fc.assert(property, { seed: 2014, numRuns: 150 });
});

test.each(EXPORT_FORMATS)('%s: no rows are a table with columns and without rows', async (format) => {
  expect(await rowsIn(format, await bytesOf(format, [], 1))).toEqual([]);
});

test.each(EXPORT_FORMATS)('%s: columns that are null throughout come back as nulls', async (format) => {
  const rows: readonly Row[] = [1, 2, 3].map(() => COLUMNS.map(() => null));
  expect(await rowsIn(format, await bytesOf(format, rows, 2))).toEqual(rows);
});

test('the reader of CSV that these tests use tells null from empty text', () => {
  expect(csvRecords('a,b\n,""\n"x""y,\nz",\n')).toEqual([['a', 'b'], [null, ''], ['x"y,\nz', null]]);
  holds(fc.property(fc.array(fc.constantFrom('a', ',', '\n', '"b"'), { maxLength: 9 }), (parts) => {
    expect(() => csvRecords(parts.join(''))).not.toThrow();
  }));
});

const SMALL: readonly Row[] = [
  [0n, 5n, 0.5, 'sq', 'plain'],
  [2n ** 53n + 1n, null, null, null, '=HYPERLINK("x")'],
  [null, -(2n ** 63n), -1e300, 'cq', ''],
];

test('text formats, character by character', async () => {
  expect((await bytesOf('csv', SMALL, 2)).toString()).toBe(
    ['seq,time_ns,mean,side,text', '0,5,0.5,sq,plain', '9007199254740993,,,,"=HYPERLINK(""x"")"', ',-9223372036854775808,-1e+300,cq,""', ''].join('\n'),
  );
  expect((await bytesOf('jsonl', SMALL, 2)).toString()).toBe(
    [
      '{"seq":0,"time_ns":5,"mean":0.5,"side":"sq","text":"plain"}',
      '{"seq":9007199254740993,"time_ns":null,"mean":null,"side":null,"text":"=HYPERLINK(\\"x\\")"}',
      '{"seq":null,"time_ns":-9223372036854775808,"mean":-1e+300,"side":"cq","text":""}',
      '',
    ].join('\n'),
  );
});

test('what a terminal would act on is escaped in JSON', async () => {
  const text = (await bytesOf('jsonl', [[null, null, null, null, 'a\u202e\u001b[2J']], 1)).toString();
  expect(text).toContain('"a\\u202e\\u001b[2J"');
});

test('Arrow: types, units, dictionaries in a fixed order, facts', async () => {
  for (const format of ['arrow', 'arrows'] as const) {
    const table = tableFromIPC(await bytesOf(format, SMALL, 2));
    expect(Object.fromEntries(table.schema.metadata!)).toEqual(TABLE.facts);
    expect(table.schema.fields.map(({ name, nullable, metadata }) => ({ name, nullable, ...Object.fromEntries(metadata ?? []) }))).toEqual([
      { name: 'seq', nullable: true, doc: 'an integer' },
      { name: 'time_ns', nullable: true, doc: 'a time', unit: 'ns' },
      { name: 'mean', nullable: true, doc: 'a real number' },
      { name: 'side', nullable: true, doc: 'one of two' },
      { name: 'text', nullable: true, doc: 'any text' },
    ]);
    // [ARROW] Schema.fbs: -1 dictionary, 2 Int, 3 FloatingPoint, 5 Utf8.
    expect(table.schema.fields.map(({ type }) => type.typeId)).toEqual([2, 2, 3, -1, 5]);
    expect(table.schema.fields[0]!.type).toMatchObject({ bitWidth: 64, signed: true });
    expect(table.schema.fields[3]!.type).toMatchObject({ id: 3, indices: { bitWidth: 8 } });
    expect(table.getChild('side').data).toHaveLength(2);
  }
});

test('Parquet: a row group per batch, optional columns, dictionary pages, facts', async () => {
  const metadata = parquetMetadata(arrayBufferOf(await bytesOf('parquet', SMALL, 2)));
  expect(metadata.num_rows).toBe(BigInt(SMALL.length));
  expect(metadata.row_groups.map((group) => group.num_rows)).toEqual([2n, 1n]);
  expect(metadata.schema.slice(1).map(({ name, type, repetition_type }) => [name, type, repetition_type])).toEqual([
    ['seq', 'INT64', 'OPTIONAL'],
    ['time_ns', 'INT64', 'OPTIONAL'],
    ['mean', 'DOUBLE', 'OPTIONAL'],
    ['side', 'BYTE_ARRAY', 'OPTIONAL'],
    ['text', 'BYTE_ARRAY', 'OPTIONAL'],
  ]);
  for (const group of metadata.row_groups) expect(group.columns[3]!.meta_data!.encodings).toContain('RLE_DICTIONARY');
  expect(Object.fromEntries(metadata.key_value_metadata!.map(({ key, value }) => [key, value]))).toEqual(TABLE.facts);
});

/** SHA-256 of the files of SMALL in batches of two rows. A new version of a library may change one: look at why. */
const GOLDEN: Readonly<Record<ExportFormat, string>> = {
  arrow: '36a36ae6d03b0ed7fb2ff6ffda4175ac78681fea20b3c786fcfb5ad620da0c1e',
  arrows: '95342515d400bb9332c12730cc4b25744c7ec7c756ff84213b9e4b89920e642c',
  parquet: '7114ced54f8280eaed541a2d64d52c7ec70c37feea451906880d7e72ca03c5c3',
  csv: 'e280dc9bce8e43af3bf50099c9569b93d85d44f3ccc3bd38b6c7fa27249723ee',
  jsonl: '438da4a2fad34f1609f09e00e07ca788f03578d167a367f1712289834e7f12df',
};

test.each(EXPORT_FORMATS)('%s: the same rows are the same bytes, on every machine', async (format) => {
  const bytes = await bytesOf(format, SMALL, 2);
  expect(await bytesOf(format, SMALL, 2)).toEqual(bytes);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(GOLDEN[format]);
});
