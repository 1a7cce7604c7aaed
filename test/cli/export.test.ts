import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tableFromIPC } from '@uwdata/flechette';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportTable } from '../../src/app/export.js';
import type { Cell } from '../../src/base/table.js';
import { EXPORT_FORMATS } from '../../src/export/format.js';
import type { ExportFormat } from '../../src/export/format.js';
import { openStoreForReading } from '../../src/store/open.js';
import { READABLE_VIEWS, describeView } from '../../src/store/views.js';
import type { ReadableView } from '../../src/store/views.js';
import { arrayBufferOf, arrowRows, cellOf, csvRecords, jsonCells, parquetRows } from '../export/support.js';
import type { Row } from '../export/support.js';
import { bellwether, outcome, start } from '../support/bellwether.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const TRACE = 'randread32-on-1';
/** The order of the rows in an export. */
const ORDER: Readonly<Record<ReadableView, string>> = {
  events: 'seq',
  doorbells: 'seq',
  commands: 'number',
  occupancy: 'life, stage, start_ns',
  queues: 'life',
  runs: 'id',
  sweep_cells: 'driver, device, transport, policy, cq_policy, policy_sha256, seed, version, key',
  sweep_points: 'driver, device, transport, policy, cq_policy, policy_sha256, version',
};

/** Views of what was replayed, of which one trace has rows. */
const REPLAYED: readonly ReadableView[] = ['runs', 'sweep_cells', 'sweep_points'];

const OPTIONS = { force: true, toolVersion: 'test', toStdout: () => Promise.resolve(false) };

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bellwether-export-'));
  const joined = ['guest.trace', 'host.trace', 'qemu.log'].map((name) => join(FIXTURES, `joined/kvm-on.${name}.gz`));
  expect((await bellwether(folder, 'ingest', join(FIXTURES, `qemu-log/${TRACE}.qemu.log.gz`))).code).toBe(0);
  expect((await bellwether(folder, 'ingest', '--join', '--name', 'kvm, "joined"', ...joined)).code).toBe(0);
  for (const shadow of ['on', 'off']) expect((await bellwether(folder, 'replay', TRACE, '--shadow', shadow, '--repeat', '2')).code).toBe(0);
  expect((await bellwether(folder, 'sweep', TRACE, '--policies', 'arm-when-empty', '--seeds', '2', '-q')).code).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What SQL has. */
function sqlRows(view: ReadableView, trace: string): readonly Row[] {
  const store = openStoreForReading(join(folder, 'bellwether.db'));
  try {
    return store.db.prepare(`SELECT * FROM ${view} WHERE trace = ? ORDER BY ${ORDER[view]}`).safeIntegers().raw().all(trace) as Row[];
  } finally {
    store.close();
  }
}

/** What another implementation reads in a file. */
async function fileRows(format: ExportFormat, view: ReadableView, bytes: Buffer): Promise<readonly Row[]> {
  const types = describeView(view).columns.map((column) => column.type);
  if (format === 'arrow' || format === 'arrows') return arrowRows(bytes);
  if (format === 'parquet') return parquetRows(bytes);
  if (format === 'jsonl') return bytes.toString().split('\n').slice(0, -1).map((line) => jsonCells(line, types));
  return csvRecords(bytes.toString()).slice(1).map((record): Cell[] => record.map((field, c) => cellOf(field, types[c]!)));
}

describe.each(READABLE_VIEWS)('--what %s', (view) => {
  test.each(EXPORT_FORMATS)('%s: every value is the one that SQL has', async (format) => {
    for (const trace of REPLAYED.includes(view) ? [TRACE] : [TRACE, 'kvm, "joined"']) {
      const file = join(folder, `${view}.${format}`);
      const result = await exportTable({ ...OPTIONS, db: join(folder, 'bellwether.db'), reference: trace, what: view, output: file });
      const expected = sqlRows(view, trace);
      expect(expected.length).toBeGreaterThan(0);
      const bytes = readFileSync(file);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(result).toEqual({ file, what: view, format, rows: expected.length, bytes: bytes.length, sha256 });
      const rows = await fileRows(format, view, bytes);
      expect(rows.length).toBe(expected.length);
      // One by one: a comparison of all would print all of them when it fails.
      const different = rows.findIndex((row, i) => row.length !== expected[i]!.length || row.some((cell, c) => cell !== expected[i]![c]));
      expect(different === -1 ? 'none' : { row: rows[different], expected: expected[different] }).toBe('none');
    }
  });
});

test('the values that are compared have nulls, and more than one batch', () => {
  const rows = sqlRows('events', TRACE);
  expect(rows.length).toBeGreaterThan(16_384);
  expect(rows.filter((row) => row.includes(null)).length).toBeGreaterThan(1000);
});

test('the file says what its numbers are', async () => {
  for (const name of ['facts.arrow', 'facts.parquet']) expect((await bellwether(folder, 'export', TRACE, '--what', 'commands', '-o', name)).code).toBe(0);
  const table = tableFromIPC(readFileSync(join(folder, 'facts.arrow')));
  expect(table.schema.metadata!.get('bellwether.view')).toBe('commands');
  expect(table.schema.fields.filter(({ metadata }) => metadata?.get('unit') === 'ns').map(({ name }) => name)).toEqual(
    ['setup', 'announced', 'fetched', 'completed', 'interrupt', 'reaped', 'finished'].map((step) => `${step}_ns`),
  );
  const metadata = parquetMetadata(arrayBufferOf(readFileSync(join(folder, 'facts.parquet'))));
  const facts = Object.fromEntries(metadata.key_value_metadata!.map(({ key, value }) => [key, value]));
  expect(facts).toEqual(Object.fromEntries(table.schema.metadata!));
  expect(JSON.parse(facts['bellwether.units']!)).toHaveProperty('reaped_ns', 'ns');
});

test('the same capture comes to the same bytes in another store', async () => {
  mkdirSync(join(folder, 'other'));
  expect((await bellwether(join(folder, 'other'), 'ingest', join(FIXTURES, `qemu-log/${TRACE}.qemu.log.gz`))).code).toBe(0);
  for (const format of ['arrow', 'parquet']) {
    for (const place of ['.', 'other']) expect((await bellwether(join(folder, place), 'export', TRACE, '-o', `same.${format}`)).code).toBe(0);
    expect(readFileSync(join(folder, 'other', `same.${format}`)).equals(readFileSync(join(folder, `same.${format}`))), format).toBe(true);
  }
});

test('--json: what was written', async () => {
  const { code, stdout } = await bellwether(folder, 'export', TRACE, '--what', 'queues', '-o', 'json.arrow', '--json');
  expect(code).toBe(0);
  const { rows, ...rest } = JSON.parse(stdout) as { rows: number };
  expect(rows).toBe(sqlRows('queues', TRACE).length);
  expect(rest).toMatchObject({ file: 'json.arrow', what: 'queues', format: 'arrow' });
});

test('a run by its name: one row', async () => {
  const name = `${TRACE}/shadow-off/follow-tail+follow-head`;
  const named = sqlRows('runs', TRACE).filter((row) => row[1] === name);
  expect(named).toHaveLength(1);
  expect((await bellwether(folder, 'export', name, '-o', 'run.parquet')).code).toBe(0);
  expect(await parquetRows(readFileSync(join(folder, 'run.parquet')))).toEqual(named);
  const events = await bellwether(folder, 'export', name, '--what', 'events', '-o', 'run-events.csv');
  expect(events).toMatchObject({ code: 2, stderr: expect.stringContaining('is a run') as string });
});

test('standard output: the same bytes, and nothing else', async () => {
  const { stdout, code } = await bellwether(folder, 'export', TRACE, '--what', 'queues', '-o', '-', '--format', 'csv');
  expect(code).toBe(0);
  expect((await bellwether(folder, 'export', TRACE, '--what', 'queues', '-o', 'queues-file.csv')).stdout).toBe('queues-file.csv\n');
  expect(stdout).toBe(readFileSync(join(folder, 'queues-file.csv'), 'utf8'));
});

test('a reader that goes away ends it quietly', async () => {
  const child = start(folder, 'export', TRACE, '-o', '-', '--format', 'jsonl', '--quiet');
  child.stdout.once('data', () => child.stdout.destroy());
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a file that is there stays as it is without --force', async () => {
  writeFileSync(join(folder, 'mine.csv'), 'mine');
  const refused = await bellwether(folder, 'export', TRACE, '-o', 'mine.csv');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') as string });
  expect(readFileSync(join(folder, 'mine.csv'), 'utf8')).toBe('mine');
  symlinkSync('mine.csv', join(folder, 'link.csv'));
  expect((await bellwether(folder, 'export', TRACE, '--what', 'queues', '-o', 'link.csv', '--force')).code).toBe(0);
  expect(readFileSync(join(folder, 'mine.csv'), 'utf8')).toMatch(/^trace,life,/);
  mkdirSync(join(folder, 'folder.csv'));
  expect((await bellwether(folder, 'export', TRACE, '-o', 'folder.csv', '--force')).code).toBe(2);
});

test.each([
  ['-o', 'events.txt'],
  ['-o', '-'],
  ['-o', '-', '--format', 'csv', '--json'],
  ['-o', 'new.csv', '--format', 'parquet'],
  ['-o', 'new.csv', '--what', 'findings'],
])('%s %s %s %s: wrong use', async (...flags) => {
  expect((await bellwether(folder, 'export', TRACE, ...flags)).code).toBe(2);
});

test('an unknown trace, a folder that cannot be, the store itself', async () => {
  expect((await bellwether(folder, 'export', 'nothing', '-o', 'new.csv')).code).toBe(2);
  expect((await bellwether(folder, 'export', TRACE, '-o', 'mine.csv/new.csv')).code).toBe(4);
  writeFileSync(join(folder, 'store.csv'), readFileSync(join(folder, 'bellwether.db')));
  expect((await bellwether(folder, 'export', TRACE, '--db', 'store.csv', '-o', 'store.csv', '--force')).code).toBe(2);
});

test('an interrupted export leaves nothing behind', async () => {
  const child = start(folder, 'export', 'kvm, "joined"', '-o', 'interrupted.jsonl', '--quiet');
  const ended = outcome(child);
  // The temporary file shows that it is under way.
  while (child.exitCode === null && !readdirSync(folder).some((name) => name.startsWith('interrupted'))) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGINT');
  const { code } = await ended;
  const left = readdirSync(folder).filter((name) => name.startsWith('interrupted'));
  // On a fast machine it may have ended before the signal came.
  expect([{ code: 130, left: [] }, { code: 0, left: ['interrupted.jsonl'] }]).toContainEqual({ code, left });
});
