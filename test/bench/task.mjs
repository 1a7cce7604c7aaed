// One measured task in a process of its own: prints { records, rows, seconds, peakMiB } as JSON.
// Usage: node task.mjs decode|ingest FILE, node task.mjs insert|what-if STORE, node task.mjs replay WORKLOAD, or node task.mjs heap PENDING

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const dist = new URL('../../dist/src/', import.meta.url);
const built = (name) => import(new URL(name, dist));

const [task, file] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
const TASKS = { decode, ingest: ingestCapture, insert, 'what-if': whatIf, replay, 'replay-recorded': replayRecorded, heap };

/** Bytes to events, which go nowhere; in one thread. */
async function decode() {
  const { decodeHere } = await built('app/decoding.js');
  let rows = 0;
  const sink = { onBatch: (batch) => (rows += batch.length), onProgress: () => {} };
  return measured(async () => {
    const job = { path: file, storedBytes: undefined, format: undefined, eventsFile: undefined, mmio: { bars: [] }, maxBytes: undefined };
    const { tally } = await decodeHere(job, sink);
    return { records: tally.counts.read, rows };
  });
}

/** A capture to a trace of a new store: what `bellwether ingest` does once its own code is loaded. */
async function ingestCapture() {
  const { ingest } = await built('app/ingest.js');
  const { ThreadedDecoder } = await built('app/decode-thread.js');
  const decoder = new ThreadedDecoder();
  return measured(async () => {
    decoder.standByFor([file]);
    const { traces } = await ingest({ paths: [file], db: join(folder, 'store.db'), toolVersion: '0', decode: decoder.decode });
    return { records: traces[0].records.read, rows: traces[0].event_rows };
  });
}

/** Commands of a measured replay of a described workload, over all its jobs; starting and compiling count. */
const COMMANDS = 1_000_000;

/** One run of a described workload with every metric on; `rows` are the events that the model handled. */
async function replay() {
  const { loadWorkload } = await built('app/workload-file.js');
  const { workloadConfiguration } = await built('app/replay-workload.js');
  const { runWorkload } = await built('replay/workload/what-if.js');
  const { workload } = await loadWorkload(file);
  const long = { ...workload, jobs: workload.jobs.map((job) => ({ ...job, commands: COMMANDS / workload.jobs.length, runtimeNs: Infinity })) };
  const configuration = workloadConfiguration(long, { shadow: true });
  return measuredByCpu(() => {
    const { commands, handled } = runWorkload(long, configuration, { seed: 1, measure: true });
    return { records: commands, rows: handled };
  });
}

/** What `bellwether replay` does of a store's only trace, on all cores: the peak memory is that of all threads. */
async function whatIf() {
  const { replayNamed } = await built('app/work/once.js');
  return measured(async () => {
    const { predicted } = await replayNamed({ db: file, trace: '1', shadow: true, seed: 1, repeat: 20, toolVersion: '0' });
    return { records: predicted.commands, rows: 0 };
  });
}

/** Runs of a recorded workload that are measured together. */
const RUNS_OF_RECORDING = 4;

/** Runs of a recording with every metric on, the other way than it was recorded; reading and calibrating it doesn't count. */
async function replayRecorded() {
  const { openStoreForReading } = await built('store/open.js');
  const { readReplayable } = await built('app/subject.js');
  const { configurationOf } = await built('app/catalogue.js');
  const { runOnce } = await built('replay/run.js');
  const store = openStoreForReading(file);
  const { subject, recordedConfiguration } = readReplayable(store, '1', {});
  store.close();
  const configuration = configurationOf({ shadow: !recordedConfiguration.shadow });
  return measuredByCpu(() => {
    const sums = { records: 0, rows: 0 };
    for (let seed = 1; seed <= RUNS_OF_RECORDING; seed++) {
      const { commands, handled } = runOnce(subject, configuration, seed, undefined, { measure: true });
      sums.records += commands;
      sums.rows += handled;
    }
    return sums;
  });
}

const HEAP_EVENTS = 10_000_000;

/** The event heap alone: so many pending, each event that leaves schedules another one. No replay can handle more events. */
async function heap() {
  const { EventHeap } = await built('base/heap.js');
  const events = new EventHeap();
  for (let i = 0; i < Number(file); i++) events.push(i, i, 0);
  return measuredByCpu(() => {
    let random = 1;
    for (let i = 0; i < HEAP_EVENTS; i++) {
      events.pop();
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      events.push(events.poppedTimeNs + (random % 1_000), events.poppedActor, 0);
    }
    return { rows: HEAP_EVENTS };
  });
}

const ROWS_PER_INSERT = 128;
/** Rows read at a time, between the measured inserts. */
const ROWS_PER_READ = 256 * ROWS_PER_INSERT;
/** The tables that hold all but a few of an ingest's rows. */
const TABLES = ['event', 'command'];

/**
 * The rows of a store's only trace into tables of the same columns, by better-sqlite3 alone and in the fastest way that
 * we know: ids given by SQLite, 128 rows per statement, values as arguments, one transaction, and the pages and the
 * cache of a store. The rows come from memory: reading them there doesn't count.
 */
function insert() {
  const store = new Database(file, { readonly: true });
  const watch = new StopWatch();
  watch.start();
  const db = new Database(join(folder, 'plain.db'));
  db.pragma(`page_size = ${Number(store.pragma('page_size', { simple: true }))}`);
  db.pragma('cache_size = -16384');
  for (const table of TABLES) db.exec(store.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table));
  db.exec('BEGIN');
  watch.stop();
  for (const table of TABLES) insertTable(store, db, table, watch);
  watch.start();
  db.exec('COMMIT');
  watch.stop();
  const [events, commands] = TABLES.map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  db.close();
  store.close();
  return { records: events + commands, rows: events + commands, ...watch.measured };
}

function insertTable(store, db, table, watch) {
  const columns = store.prepare('SELECT count(*) FROM pragma_table_info(?)').pluck().get(table) - 1;
  const read = store.prepare(`SELECT * FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`).raw();
  const cells = new Float64Array(ROWS_PER_READ * columns);
  watch.start();
  const insertMany = db.prepare(insertSql(table, columns, ROWS_PER_INSERT));
  const insertOne = db.prepare(insertSql(table, columns, 1));
  const values = Array(ROWS_PER_INSERT * columns).fill(null);
  watch.stop();
  for (let after = 0; ; ) {
    const found = read.all(after, ROWS_PER_READ);
    if (found.length === 0) return;
    let at = 0;
    for (const [, ...row] of found) for (const cell of row) cells[at++] = cell ?? NaN;
    after = found.at(-1)[0];
    watch.start();
    let row = 0;
    for (; row + ROWS_PER_INSERT <= found.length; row += ROWS_PER_INSERT) insertMany.run(...fill(values, row));
    for (; row < found.length; row++) insertOne.run(...fill(Array(columns), row));
    watch.stop();
  }

  function fill(target, row) {
    const first = row * columns;
    for (let i = 0; i < target.length; i++) {
      const cell = cells[first + i];
      target[i] = Number.isNaN(cell) ? null : cell;
    }
    return target;
  }
}

function insertSql(table, columns, rows) {
  return `INSERT INTO ${table} VALUES ${Array(rows).fill(`(NULL${', ?'.repeat(columns)})`).join(', ')}`;
}

/** Adds up the time of what is measured. */
class StopWatch {
  #seconds = 0;
  #began = 0;
  start() {
    this.#began = performance.now();
  }
  stop() {
    this.#seconds += (performance.now() - this.#began) / 1000;
  }
  get measured() {
    return { seconds: this.#seconds, peakMiB: process.resourceUsage().maxRSS / 1024 };
  }
}

async function measured(work) {
  const watch = new StopWatch();
  watch.start();
  const counts = await work();
  watch.stop();
  return { ...counts, ...watch.measured };
}

/** By CPU time, for what one thread does from memory to memory: others on the machine then count less. */
function measuredByCpu(work) {
  const before = process.cpuUsage();
  const counts = work();
  const { user, system } = process.cpuUsage(before);
  return { ...counts, seconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

try {
  process.stdout.write(JSON.stringify(await TASKS[task]()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
