// Ingests that are killed or interrupted in the middle. The log comes through a pipe that stays open, so that the
// child is certainly in the middle when the signal comes.

import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, constants, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bellwether, outcome, start } from '../support/bellwether.js';
import type { Outcome } from '../support/bellwether.js';
import { LINES_PER_READ, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

const READS_PER_PIECE = 10_000;

/** A folder whose store has one small trace. */
async function withStore(): Promise<{ folder: string; db: string }> {
  const folder = tempFolder();
  writeFileSync(join(folder, 'small.log'), reads(10));
  expect((await bellwether(folder, 'ingest', 'small.log')).code).toBe(0);
  return { folder, db: join(folder, 'bellwether.db') };
}

/** Feeds the child until `done`, and leaves its input open. */
async function feed(child: ChildProcessWithoutNullStreams, done: () => boolean): Promise<void> {
  const ended = once(child, 'exit');
  for (let first = 0; !done(); first += READS_PER_PIECE) {
    expect(child.exitCode, 'the child must still be reading').toBeNull();
    if (!child.stdin.write(reads(READS_PER_PIECE, first))) await Promise.race([once(child.stdin, 'drain'), ended]);
    await wait(1);
  }
}

/** Checks the file with SQLite itself, and that it holds the small trace and nothing else; then ingests once more. */
async function expectOnlySmallTrace(folder: string, db: string): Promise<void> {
  const { stdout } = await bellwether(folder, 'traces', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ id: 1, name: 'small' }] });
  const raw = new Database(db);
  expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(raw.prepare('SELECT count(*) FROM event').pluck().get()).toBe(10 * LINES_PER_READ);
  expect(raw.prepare('SELECT count(*) FROM trace').pluck().get()).toBe(1);
  raw.close();
  expect(existsSync(`${db}-journal`)).toBe(false);
  writeFileSync(join(folder, 'next.log'), reads(20));
  expect((await bellwether(folder, 'ingest', 'next.log')).code).toBe(0);
}

test('SIGKILL in the middle of an ingest leaves the store as it was', async () => {
  const { folder, db } = await withStore();
  const bytesBefore = statSync(db).size;
  const child = start(folder, 'ingest', '-', '--name', 'killed');
  const ended = outcome(child);
  // A store that has grown holds pages of the open transaction: there is something to roll back.
  await feed(child, () => statSync(db).size > bytesBefore);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  expect(existsSync(`${db}-journal`)).toBe(true);
  expect(statSync(db).size).toBeGreaterThan(bytesBefore);
  await expectOnlySmallTrace(folder, db);
});

test('SIGINT in the middle of an ingest rolls back and ends with 130', async () => {
  const { folder, db } = await withStore();
  const { code, signal, stdout, stderr } = await interrupted(folder, db);
  expect({ code, signal, stdout }).toEqual({ code: 130, signal: null, stdout: '' });
  expect(stderr).toBe('Error: interrupted: the store is as it was before standard input\n');
  await expectOnlySmallTrace(folder, db);
});

test('SIGINT with --json says so in JSON', async () => {
  const { folder, db } = await withStore();
  const { code, stdout } = await interrupted(folder, db, '--json');
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_INTERRUPTED', exit_code: 130 } });
  await expectOnlySmallTrace(folder, db);
});

test('SIGINT while another thread decodes a large file rolls back and ends with 130', async () => {
  const { folder, db } = await withStore();
  const piece = reads(20_000);
  for (let i = 0; i < 20; i++) appendFileSync(join(folder, 'large.log'), piece);
  const child = start(folder, 'ingest', 'large.log');
  const ended = outcome(child);
  while (!existsSync(`${db}-journal`)) {
    expect(child.exitCode, 'the child must still be reading').toBeNull();
    await wait(1);
  }
  child.kill('SIGINT');
  const sent = performance.now();
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'Error: interrupted: the store is as it was before large.log\n' });
  expect(performance.now() - sent).toBeLessThan(2000);
  await expectOnlySmallTrace(folder, db);
});

test.each([
  ['with a silent writer', ''],
  ['with a writer that stalls', reads(1000)],
  ['that --join waits for', reads(1000), '--join', '--name', 'run1', 'small.log'],
])('SIGINT ends an ingest from a named pipe %s', async (_, written, ...flags) => {
  const { folder, db } = await withStore();
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const before = readFileSync(db);
  const child = start(folder, 'ingest', 'pipe', ...flags);
  const ended = outcome(child);
  const writer = await opensForWriting(pipe);
  writeSync(writer, written);
  await wait(200);
  child.kill('SIGINT');
  const sent = performance.now();
  expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: 'Error: interrupted: the store is as it was before pipe\n' });
  expect(performance.now() - sent).toBeLessThan(2000);
  closeSync(writer);
  expect(readFileSync(db).equals(before)).toBe(true);
  await expectOnlySmallTrace(folder, db);
});

test('a named pipe waits for its first writer, and ends with it, whether it wrote or not', async () => {
  const folder = tempFolder();
  const pipe = join(folder, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  for (const written of ['', reads(100)]) {
    const ended = outcome(start(folder, 'ingest', 'pipe'));
    const writer = await opensForWriting(pipe);
    writeSync(writer, written);
    closeSync(writer);
    const { code, stdout, stderr } = await ended;
    if (written === '') expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^Error: pipe is empty\n/) as string });
    else expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/ 400 records = 400 to events/) as string });
  }
});

/** A descriptor of the pipe's other end, as soon as somebody reads it. */
async function opensForWriting(pipe: string): Promise<number> {
  for (;;) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      await wait(5);
    }
  }
}

async function interrupted(folder: string, db: string, ...flags: readonly string[]): Promise<Outcome> {
  const child = start(folder, 'ingest', '-', '--name', 'interrupted', ...flags);
  const ended = outcome(child);
  // The journal exists while a transaction has changed something.
  await feed(child, () => existsSync(`${db}-journal`));
  child.kill('SIGINT');
  return ended;
}

test('SIGINT ends work of this thread at once: a replay of many runs', async () => {
  const folder = tempFolder();
  // So many runs take minutes.
  const child = start(folder, 'replay', '--workload', 'qemu-2022-qd1', '--repeat', '1000');
  const ended = outcome(child);
  await wait(3000);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: null, signal: 'SIGINT', stdout: '' });
});
