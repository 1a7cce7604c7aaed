// One measured task in a process of its own: prints { records, rows, seconds, cpuSeconds, peakMiB } as JSON.
// Usage: node task.mjs decode|ingest FILE, or node task.mjs insert STORE

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const dist = new URL('../../dist/src/', import.meta.url);
const load = (name) => import(new URL(name, dist));

const [task, file] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
const TASKS = { decode, ingest, insert };

/** Bytes to events, which go nowhere; in one thread. */
async function decode() {
  const { decodeHere } = await load('app/decoding.js');
  let rows = 0;
  const sink = { onBatch: (batch) => (rows += batch.length), onProgress: () => {} };
  return measured(async () => {
    const job = { path: file, storedBytes: undefined, format: undefined, eventsFile: undefined, mmio: { bars: [] }, maxBytes: undefined };
    const { tally } = await decodeHere(job, sink);
    return { records: tally.counts.read, rows };
  });
}

/** A capture to a trace of a new store: what `bellwether ingest` does once its own code is loaded. */
async function ingest() {
  const { ingest } = await load('app/ingest.js');
  const { decodeInThread } = await load('app/decode-thread.js');
  return measured(async () => {
    const { traces } = await ingest({ paths: [file], db: join(folder, 'store.db'), toolVersion: '0', decode: decodeInThread });
    return { records: traces[0].records.read, rows: traces[0].event_rows };
  });
}

const COLUMNS = 7;
const ROWS_PER_INSERT = 128;

/**
 * The rows of a store's only trace into a table of the same columns, from memory, by better-sqlite3 alone and in the
 * fastest way that we know: ids given by SQLite, 128 rows per statement, values as arguments, one transaction, and the
 * pages and the cache of a store.
 */
async function insert() {
  const store = new Database(file, { readonly: true });
  const count = store.prepare('SELECT count(*) FROM event').pluck().get();
  const cells = new Float64Array(count * COLUMNS);
  let at = 0;
  for (const row of store.prepare('SELECT what, time_ns, thread, command, value, extra, place FROM event ORDER BY id').raw().iterate()) {
    for (const cell of row) cells[at++] = cell ?? NaN;
  }
  const table = store.prepare("SELECT sql FROM sqlite_schema WHERE name = 'event'").pluck().get();
  const pageBytes = store.pragma('page_size', { simple: true });
  store.close();

  return measured(() => {
    const db = new Database(join(folder, 'plain.db'));
    db.pragma(`page_size = ${pageBytes}`);
    db.pragma('cache_size = -16384');
    db.exec(table);
    db.exec('BEGIN');
    const insertMany = db.prepare(insertSql(ROWS_PER_INSERT));
    const values = Array(ROWS_PER_INSERT * COLUMNS).fill(null);
    const whole = count - (count % ROWS_PER_INSERT);
    for (let row = 0; row < whole; row += ROWS_PER_INSERT) {
      const first = row * COLUMNS;
      for (let i = 0; i < values.length; i++) {
        const cell = cells[first + i];
        values[i] = Number.isNaN(cell) ? null : cell;
      }
      insertMany.run(...values);
    }
    const one = db.prepare(insertSql(1));
    for (let row = whole; row < count; row++) {
      one.run(...Array.from(cells.subarray(row * COLUMNS, (row + 1) * COLUMNS), (cell) => (Number.isNaN(cell) ? null : cell)));
    }
    db.exec('COMMIT');
    const inserted = db.prepare('SELECT count(*) FROM event').pluck().get();
    db.close();
    return { records: inserted, rows: inserted };
  });
}

function insertSql(rows) {
  return `INSERT INTO event VALUES ${Array(rows).fill(`(NULL${', ?'.repeat(COLUMNS)})`).join(', ')}`;
}

async function measured(work) {
  const cpuBegan = process.cpuUsage();
  const began = process.hrtime.bigint();
  const counts = await work();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(cpuBegan);
  return { ...counts, seconds, cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

try {
  process.stdout.write(JSON.stringify(await TASKS[task]()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
