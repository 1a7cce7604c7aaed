// `ingest --follow` as another terminal sees it: the real binary on sources that grow, end, and are interrupted.

import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFileSync, closeSync, constants, createWriteStream, existsSync, openSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { FIXTURES } from '../formats/support.js';
import { bellwether, outcome, start } from '../support/bellwether.js';
import { IGNORED_LINE, LINES_PER_READ, REJECTED_LINE, UNKNOWN_LINE, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';
import { until } from '../support/until.js';

const LOG = gunzipSync(readFileSync(join(FIXTURES, 'qemu-log/randread32-off-1.qemu.log.gz')));
const FAST = ['--interval', '0.1'];

interface Trace {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly event_rows: number;
  readonly records: Readonly<Record<'read' | 'events' | 'ignored' | 'unknown' | 'rejected', number>>;
}

/** Starts a follow that is certainly gone when the test has finished. */
function follow(folder: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = start(folder, 'ingest', '--follow', ...FAST, ...args);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What another process is told of the traces in the store; none before there is a store. */
async function traces(folder: string): Promise<readonly Trace[]> {
  if (!existsSync(join(folder, 'bellwether.db'))) return [];
  const { code, stdout, stderr } = await bellwether(folder, 'traces', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { traces: readonly Trace[] }).traces;
}

/** The trace as another process sees it, once so many bytes of its source are in the store. */
async function grown(folder: string, name: string, bytes: number): Promise<Trace> {
  await until(`${bytes} bytes of ${name}`, () => (bytesOf(join(folder, 'bellwether.db'), name) === bytes ? true : undefined));
  const trace = (await traces(folder)).find((each) => each.name === name);
  expect(trace?.bytes).toBe(bytes);
  return trace!;
}

/** Undefined while there is no such trace, and no store. */
function bytesOf(db: string, name: string): unknown {
  if (!existsSync(db)) return undefined;
  const store = new Database(db, { readonly: true });
  try {
    const views = store.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'traces'").pluck().get();
    return views === 0 ? undefined : store.prepare('SELECT bytes FROM traces WHERE name = ?').pluck().get(name);
  } finally {
    store.close();
  }
}

/** Every event of a trace, as the public view shows it, without the trace's name. */
function eventsOf(db: string, name: string): unknown[] {
  return rowsOf(db, 'events', name);
}

function rowsOf(db: string, view: string, name: string): unknown[] {
  const store = new Database(db, { readonly: true });
  try {
    const rows = store.prepare(`SELECT * FROM ${view} WHERE trace = ?`).all(name) as Record<string, unknown>[];
    return rows.map((row) => ({ ...row, trace: undefined }));
  } finally {
    store.close();
  }
}

/** What the ordinary ingest makes of the same bytes, in a store of its own. */
async function ordinary(bytes: Uint8Array): Promise<{ trace: Record<string, unknown>; events: unknown[]; analysis: unknown[][] }> {
  const folder = tempFolder();
  writeFileSync(join(folder, 'whole.log'), bytes);
  const { code, stdout } = await bellwether(folder, 'ingest', 'whole.log', '--json');
  expect(code).toBe(0);
  const [trace] = (JSON.parse(stdout) as { traces: Record<string, unknown>[] }).traces;
  const db = join(folder, 'bellwether.db');
  return { trace: trace!, events: eventsOf(db, 'whole'), analysis: analysisOf(db, 'whole') };
}

/** Command lives, queue lives and occupancy. */
function analysisOf(db: string, name: string): unknown[][] {
  return ['commands', 'queues', 'occupancy'].map((view) => rowsOf(db, view, name));
}

test('a growing file: others see the counts grow, and SIGINT ends with what an ordinary ingest has', async () => {
  const folder = tempFolder();
  const log = join(folder, 'qemu.log');
  writeFileSync(log, '');
  const child = follow(folder, 'qemu.log', '--name', 'live');
  const ended = outcome(child);
  let seen = 0;
  let at = 0;
  // Cut inside of lines, too.
  for (const end of [150_001, 150_050, 900_000, 2_000_000, LOG.length]) {
    appendFileSync(log, LOG.subarray(at, end));
    at = end;
    const { records, event_rows } = await grown(folder, 'live', end);
    expect(records.read).toBe(records.events + records.ignored + records.unknown + records.rejected);
    expect(event_rows).toBeGreaterThanOrEqual(seen);
    seen = event_rows;
    const info = JSON.parse((await bellwether(folder, 'info', 'live', '--json')).stdout) as { trace: Trace; commands: number };
    expect(info.trace.event_rows).toBe(event_rows);
    const query = await bellwether(folder, 'query', "SELECT count(*) AS n FROM events WHERE trace = 'live'", '--json');
    expect(JSON.parse(query.stdout)).toMatchObject({ rows: [{ n: event_rows }] });
    if (end === 900_000) {
      writeFileSync(join(folder, 'other.log'), reads(50));
      expect((await bellwether(folder, 'ingest', 'other.log')).code).toBe(0);
    }
  }
  child.kill('SIGINT');
  const { code, signal, stdout, stderr } = await ended;
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  expect(stdout).toMatch(/^live: ingested as trace 1, qemu-log, QEMU /);
  const whole = await ordinary(LOG);
  expect((await traces(folder))[0]).toEqual({ ...whole.trace, name: 'live', source: 'qemu.log', known: undefined, evidence: undefined, sources: [{ ...(whole.trace['sources'] as object[])[0], source: 'qemu.log' }] });
  expect(eventsOf(join(folder, 'bellwether.db'), 'live')).toEqual(whole.events);
  expect(whole.analysis.map((rows) => rows.length > 0)).toEqual([true, true, true]);
  expect(analysisOf(join(folder, 'bellwether.db'), 'live')).toEqual(whole.analysis);
  expect((await traces(folder))[1]).toMatchObject({ name: 'other', event_rows: 50 * LINES_PER_READ });
});

test('a line that is torn when SIGTERM comes is what it is', async () => {
  const folder = tempFolder();
  const text = reads(3).slice(0, -10);
  writeFileSync(join(folder, 'qemu.log'), text);
  const child = follow(folder, 'qemu.log', '--json');
  const ended = outcome(child);
  await grown(folder, 'qemu', text.length);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { trace } = await ordinary(Buffer.from(text));
  expect(JSON.parse(stdout)).toMatchObject({ ended: 'interrupted', traces: [{ records: trace['records'], sha256: trace['sha256'], known: false }] });
  expect(trace['records']).toMatchObject({ read: 3 * LINES_PER_READ });
});

test('SIGKILL leaves what the last interval committed, as a whole trace', async () => {
  const folder = tempFolder();
  const db = join(folder, 'bellwether.db');
  const text = reads(2000) + UNKNOWN_LINE + REJECTED_LINE;
  writeFileSync(join(folder, 'qemu.log'), text);
  const child = follow(folder, 'qemu.log', '--name', 'killed');
  const ended = outcome(child);
  const { event_rows } = await grown(folder, 'killed', text.length);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  const whole = await ordinary(Buffer.from(text));
  expect(event_rows).toBe(whole.events.length);
  expect(eventsOf(db, 'killed')).toEqual(whole.events);
  const store = new Database(db);
  expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(store.pragma('foreign_key_check')).toEqual([]);
  expect(store.prepare('SELECT count(*) FROM rejects').pluck().get()).toBe(1);
  store.close();
  const { stdout } = await bellwether(folder, 'ingest', 'qemu.log', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ name: 'killed', known: true }] });
});

test('a slow pipe: the first line is enough, and its end ends the follow', async () => {
  const folder = tempFolder();
  const child = follow(folder, '-', '--name', 'piped');
  const ended = outcome(child);
  const [first = '', ...others] = reads(2).split(/(?<=\n)/);
  child.stdin.write(first.slice(0, 20));
  await sleep(300);
  child.stdin.write(first.slice(20));
  expect((await grown(folder, 'piped', first.length)).event_rows).toBe(1);
  for (const byte of Buffer.from(others.join(''))) child.stdin.write(Uint8Array.of(byte));
  expect((await grown(folder, 'piped', reads(2).length)).event_rows).toBe(2 * LINES_PER_READ);
  child.stdin.end();
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^piped: ingested as trace 1, .*\n {2}8 records = 8 to events/);
});

test('a named pipe: waits for its writer, ends with it', async () => {
  const folder = tempFolder();
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const child = follow(folder, 'pipe', '--name', 'piped', '--json');
  const ended = outcome(child);
  const writer = createWriteStream(pipe);
  writer.write(LOG.subarray(0, 500_000));
  await grown(folder, 'piped', 500_000);
  writer.end(LOG.subarray(500_000));
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  const whole = await ordinary(LOG);
  expect(JSON.parse(stdout)).toMatchObject({ ended: 'end of input', traces: [{ records: whole.trace['records'], sha256: whole.trace['sha256'] }] });
  expect(eventsOf(join(folder, 'bellwether.db'), 'piped')).toEqual(whole.events);
});

test('a silent pipe can be interrupted: nothing came, and nothing is written', async () => {
  const folder = tempFolder();
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const child = follow(folder, 'pipe');
  const ended = outcome(child);
  // Signals are caught before the pipe is opened, and it can be opened for writing only when it is open for reading.
  const writer = await until('a reader', () => {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
  });
  child.kill('SIGINT');
  const { code, signal, stderr } = await ended;
  closeSync(writer);
  expect({ code, signal }).toEqual({ code: 130, signal: null });
  expect(stderr).toBe('Error: interrupted: nothing has come from pipe, and nothing was written\n');
  expect(existsSync(join(folder, 'bellwether.db'))).toBe(false);
});

/** Whether SIGINT does something else to the process than to end it. */
function catchesInterrupts(pid: number): boolean {
  const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & 2n) !== 0n;
}

test('--idle ends when a file has stopped growing; what is known already is not kept twice', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'qemu.log'), LOG);
  const first = await bellwether(folder, 'ingest', '--follow', 'qemu.log', '--idle', '0.5', ...FAST, '--json');
  expect(JSON.parse(first.stdout)).toMatchObject({ ended: 'idle', traces: [{ id: 1, name: 'qemu', known: false }] });
  const again = await bellwether(folder, 'ingest', '--follow', 'qemu.log', '--idle', '0.5', ...FAST);
  expect(again.stdout).toMatch(/^qemu: known already as trace 1, /);
  const forced = await bellwether(folder, 'ingest', '--follow', 'qemu.log', '--idle', '0.5', ...FAST, '--force', '--name', 'anew');
  expect(forced).toMatchObject({ code: 0, stderr: '' });
  expect(await traces(folder)).toMatchObject([{ name: 'anew', bytes: LOG.length }]);
  const whole = await ordinary(LOG);
  expect(eventsOf(join(folder, 'bellwether.db'), 'anew')).toEqual(whole.events);
});

test.each([
  ['moved away', 'the file was moved or removed; what it held is kept', (log: string) => renameSync(log, `${log}.1`)],
  ['removed', 'the file was moved or removed; what it held is kept', (log: string) => rmSync(log)],
  ['cut to nothing', 'the file got shorter; what it held before is kept', (log: string) => truncateSync(log)],
  [
    'replaced',
    'another file has taken its place; what the first one held is kept',
    (log: string) => {
      writeFileSync(`${log}.new`, reads(9));
      renameSync(`${log}.new`, log);
    },
  ],
])('a log that is %s ends the follow, and it says so', async (_what, words, change) => {
  const folder = tempFolder();
  const log = join(folder, 'qemu.log');
  writeFileSync(log, reads(10));
  const ended = outcome(follow(folder, 'qemu.log'));
  await grown(folder, 'qemu', reads(10).length);
  change(log);
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: `ended: ${words}\n` });
  expect(stdout).toContain(`\n  ${10 * LINES_PER_READ} records = ${10 * LINES_PER_READ} to events`);
});

test('a store that others hold is waited for; a second SIGINT ends at once', async () => {
  const folder = tempFolder();
  const log = join(folder, 'qemu.log');
  writeFileSync(log, reads(10));
  const child = follow(folder, 'qemu.log', '--name', 'live');
  const ended = outcome(child);
  await grown(folder, 'live', reads(10).length);
  const holder = new Database(join(folder, 'bellwether.db'));
  onTestFinished(() => void holder.close());
  holder.exec('BEGIN EXCLUSIVE');
  appendFileSync(log, reads(10, 10));
  // Longer than several intervals and attempts.
  await sleep(1000);
  expect(child.exitCode).toBeNull();
  holder.exec('COMMIT');
  expect((await grown(folder, 'live', reads(20).length)).event_rows).toBe(20 * LINES_PER_READ);

  holder.exec('BEGIN EXCLUSIVE');
  child.kill('SIGINT');
  await until('the first signal to arrive', () => (catchesInterrupts(child.pid!) ? undefined : true));
  child.kill('SIGINT');
  expect((await ended).signal).toBe('SIGINT');
  holder.exec('COMMIT');
  expect(await traces(folder)).toMatchObject([{ name: 'live', event_rows: 20 * LINES_PER_READ }]);
});

test('--strict ends with the first fault, and removes the trace', async () => {
  const folder = tempFolder();
  const log = join(folder, 'qemu.log');
  writeFileSync(log, reads(10));
  const ended = outcome(follow(folder, 'qemu.log', '--strict'));
  await grown(folder, 'qemu', reads(10).length);
  appendFileSync(log, REJECTED_LINE);
  const { code, stderr } = await ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/--strict allows none; nothing was kept/);
  expect(await traces(folder)).toEqual([]);
});

test('--max-bytes ends with what came before', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'qemu.log'), reads(1000));
  const limit = reads(500).length;
  const { code, stdout, stderr } = await outcome(follow(folder, 'qemu.log', '--max-bytes', String(limit)));
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'ended: the limit of --max-bytes is reached; what came before is kept\n' });
  expect(stdout).toContain(`\n  ${(500 * LINES_PER_READ).toLocaleString('en')} events, `);
  expect(await traces(folder)).toMatchObject([{ bytes: limit }]);
});

test.each([
  [3, /as trace-dat it can be read only when all of it is there[^]*trace_pipe/, ['trace.dat']],
  [3, /as trace-dat it can be read/, ['good.log', '--format', 'trace-dat']],
  [3, /compressed with gzip[^]*gzip -dc/, ['good.log.gz']],
  [3, /is a directory/, ['.']],
  [3, /there is no such file/, ['missing.log']],
  [3, /empty\.log is empty/, ['empty.log', '--idle', '0.2']],
  [3, /holds no event\./, ['ignored.log', '--idle', '0.2']],
  [2, /follows one source, not 2/, ['good.log', 'empty.log']],
  [2, /--join=true cannot also be provided when using --follow/, ['good.log', '--join']],
  [2, /--interval soon is no number of seconds/, ['good.log', '--interval', 'soon']],
  [2, /--idle 0 is no number of seconds/, ['good.log', '--idle', '0']],
])('exit code %i: %s', async (code, message, args) => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'good.log'), reads(5));
  writeFileSync(join(folder, 'good.log.gz'), gzipSync(reads(5)));
  writeFileSync(join(folder, 'empty.log'), '');
  writeFileSync(join(folder, 'ignored.log'), IGNORED_LINE.repeat(20));
  writeFileSync(join(folder, 'trace.dat'), gunzipSync(readFileSync(join(FIXTURES, 'trace-dat/linux6.12-v6.dat.gz'))));
  const result = await bellwether(folder, 'ingest', '--follow', ...args);
  expect(result.stderr.replace(/\s+›?\s+/g, ' ')).toMatch(message);
  expect(result.code).toBe(code);
  expect(existsSync(join(folder, 'bellwether.db'))).toBe(false);
});

test('a name that is taken is refused before anything is read, unless --force replaces it', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'known.log'), reads(3));
  writeFileSync(join(folder, 'good.log'), reads(5));
  expect((await bellwether(folder, 'ingest', 'known.log')).code).toBe(0);
  const again = ['ingest', '--follow', 'good.log', '--name', 'known', '--idle', '0.2'];
  const refused = await bellwether(folder, ...again);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/the name known is taken by trace 1 \(known\.log\)/);
  expect((await bellwether(folder, ...again, '--force')).code).toBe(0);
  expect(await traces(folder)).toMatchObject([{ name: 'known', source: 'good.log' }]);
});

test('without --follow its flags are refused', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'good.log'), reads(5));
  expect((await bellwether(folder, 'ingest', 'good.log', '--idle', '1')).code).toBe(2);
  expect((await bellwether(folder, 'ingest', 'good.log', '--interval', '1')).code).toBe(2);
});
