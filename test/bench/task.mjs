// One measured task in a process of its own: prints { records, seconds, cpuSeconds, peakMiB } as JSON.
// Usage: node task.mjs decode|ingest|insert FILE [TIMES]; TIMES repeats the file's records.

import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip, gunzipSync } from 'node:zlib';

const dist = new URL('../../dist/src/', import.meta.url);
const { decodeSource } = await import(new URL('formats/decode.js', dist));
const { Source } = await import(new URL('formats/source.js', dist));
const { EventWriter } = await import(new URL('trace/batch.js', dist));
const { Tally } = await import(new URL('trace/tally.js', dist));
const { openStore } = await import(new URL('store/open.js', dist));
const { EventInserter } = await import(new URL('store/writer.js', dist));
const { default: Database } = await import('better-sqlite3');

const [task, file, times = '1'] = process.argv.slice(2);
const CHUNK = 1 << 20;

/** The file's content, decompressed, so many times over; never held as a whole unless it is to be repeated. */
async function* content() {
  if (times === '1') {
    const raw = createReadStream(file, { highWaterMark: CHUNK });
    yield* file.endsWith('.gz') ? raw.pipe(createGunzip({ chunkSize: CHUNK })) : raw;
    return;
  }
  const bytes = file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file);
  for (let i = 0; i < Number(times); i++) {
    for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
const TASKS = { decode, ingest, insert };

/** Bytes to events, which go nowhere. */
async function decode() {
  const tally = new Tally();
  await decodeSource(new Source('bench', content()), { tally, writer: new EventWriter(() => {}) });
  return tally.read;
}

/** Bytes to rows of the store, in one transaction. */
async function ingest() {
  const tally = new Tally();
  const store = openStore(join(folder, 'store.db'));
  store.db.exec('BEGIN');
  const inserter = new EventInserter(store.db, 1);
  await decodeSource(new Source('bench', content()), { tally, writer: new EventWriter((batch) => inserter.insert(batch)) });
  store.db.exec('COMMIT');
  store.close();
  return tally.read;
}

/** As many rows of the same shape, by better-sqlite3's multi-row insert and nothing else. */
async function insert() {
  const rows = Number(times);
  const perStatement = 128;
  const db = new Database(join(folder, 'plain.db'));
  db.pragma('cache_size = -16384');
  db.exec('CREATE TABLE e (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER, f INTEGER, g INTEGER, h INTEGER) STRICT');
  const statement = db.prepare(`INSERT INTO e VALUES ${Array(perStatement).fill('(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`);
  const values = Array(perStatement * 8).fill(null);
  db.exec('BEGIN');
  for (let row = 0; row < rows; row += perStatement) {
    for (let i = 0; i < perStatement; i++) {
      const at = i * 8;
      values[at] = row + i;
      values[at + 1] = 98_337 + (i & 31);
      values[at + 2] = (row + i) * 1_000;
      values[at + 3] = 12_894;
      values[at + 4] = i % 3 === 0 ? 67_500_000 + i : null;
      values[at + 5] = i & 1023;
      values[at + 7] = row + i;
    }
    statement.run(...values);
  }
  db.exec('COMMIT');
  db.close();
  return rows;
}

const began = process.hrtime.bigint();
const cpuBegan = process.cpuUsage();
try {
  const records = await TASKS[task]();
  const { user, system } = process.cpuUsage(cpuBegan);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ records, seconds, cpuSeconds: (user + system) / 1e6, peakMiB }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
