// Command lives in joined captures: nearly all are complete and in order, and the rest have a reason.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { check } from '../../src/app/check.js';
import { ingestJoined } from '../../src/app/join.js';
import { readHistory } from '../../src/app/subject.js';
import type { CommandLife } from '../../src/history/lives.js';
import { openStoreForReading } from '../../src/store/open.js';
import { getTrace } from '../../src/store/queries.js';
import { SHARED_TRACES } from '../formats/support.js';
import { tempFolder } from '../support/temp.js';

const present = existsSync(SHARED_TRACES);
const title = present ? 'joined captures' : 'skipped: not present: ../shared/traces';

/** A store with the captures joined to one trace. */
async function joined(files: readonly string[]): Promise<string> {
  const db = join(tempFolder(), 'lives.db');
  await ingestJoined({ paths: files.map((file) => SHARED_TRACES + file), db, toolVersion: '0' });
  return db;
}

function livesOf(db: string): readonly CommandLife[] {
  const store = openStoreForReading(db);
  onTestFinished(() => store.close());
  const lives: CommandLife[] = [];
  readHistory(store, getTrace(store, 1), [{ commandEnded: (command) => lives.push(command) }]);
  return lives.filter(({ sq }) => sq.qid > 0);
}

/** Its steps in ns, in the order in which they must have happened; an interrupt is no step of a command that the driver polled for. */
function steps(c: CommandLife): readonly number[] {
  return [c.setupNs, c.announcedNs, c.fetchedNs, c.completedNs, ...(Number.isNaN(c.interruptNs) ? [] : [c.interruptNs]), c.reapedNs, c.finishedNs];
}

function isComplete(command: CommandLife): boolean {
  return steps(command).every((ns) => !Number.isNaN(ns));
}

function isInOrder(command: CommandLife): boolean {
  const known = steps(command);
  return known.every((ns, i) => i === 0 || ns >= known[i - 1]!);
}

/** Commands that both captures can show: those from the first that the driver recorded to the last. */
function inBoth(lives: readonly CommandLife[]): readonly CommandLife[] {
  const times = lives.map(({ setupNs }) => setupNs).filter((ns) => !Number.isNaN(ns));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  return lives.filter(({ setupNs, fetchedNs }) => !Number.isNaN(setupNs) || (fetchedNs >= from && fetchedNs <= to));
}

interface Run {
  readonly name: string;
  readonly files: readonly string[];
}

const RUNS: readonly Run[] = [
  ...['randread32', 'batch16', 'qd4small', 'write1sync', 'seed4'].flatMap((workload) =>
    ['off', 'on'].map((shadow) => runOf('pairs', `${workload}-${shadow}-1`)),
  ),
  ...['rr32', 'b16', 'qd2', 'poll4', 'think8', 'seqread2', 'fsync'].flatMap((workload) =>
    ['off', 'on'].map((shadow) => runOf('pinned', `${workload}-${shadow}-1`)),
  ),
  ...['kvmon', 'kvmoff'].map((run) => runOf('kvm', run, ['guest-ftrace.txt', 'host-ftrace.txt', 'qemu.log'])),
];

function runOf(folder: string, run: string, views: readonly string[] = ['guest-ftrace.txt', 'qemu.log']): Run {
  return { name: `${folder}/${run}`, files: views.map((view) => `${folder}/${run}.${view}.gz`) };
}

describe.skipIf(!present)(title, () => {
  it.each(RUNS)('$name: 99.9 % of the I/O commands have a complete life in the right order, and the audit finds nothing', async ({ files }) => {
    const db = await joined(files);
    const lives = inBoth(livesOf(db));
    const complete = lives.filter(isComplete);
    const good = complete.filter(isInOrder);
    const bad = lives.filter((life) => !good.includes(life));
    const listed = bad.slice(0, 5).map((life) => ({ cid: life.cid, position: life.position, steps: steps(life) }));
    expect({ commands: lives.length, good: good.length, listed: good.length >= 0.999 * lives.length ? [] : listed }).toEqual({
      commands: lives.length,
      good: good.length,
      listed: [],
    });
    expect(lives.length).toBeGreaterThan(400);
    expect(check({ db, trace: '1' }).findings).toEqual([]);
  });
});
