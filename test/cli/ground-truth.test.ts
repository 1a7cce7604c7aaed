// The commands against counts that were taken from the captures by other means: on the bundled pair, and, where
// the folder of full captures is there, on every workload of its ground truth.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InfoResult } from '../../src/app/info.js';
import type { ReplayResult } from '../../src/app/replay.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const ROOT = join(import.meta.dirname, '../..');
const PAIRS = join(ROOT, '../shared/traces/pairs');

interface Truth {
  readonly name: string;
  readonly commands: number;
  readonly sq: number;
  readonly cq: number;
  readonly interrupts: number;
}

/** Run 1 of every workload, shadow doorbells off and on. */
function groundTruth(): Truth[] {
  const [, ...lines] = readFileSync(join(PAIRS, 'ground-truth.tsv'), 'utf8').trim().split('\n');
  return lines
    .map((line) => line.split('\t'))
    .filter(([, , run]) => run === '1')
    .map(([workload, shadow, run, commands, sq, cq, , interrupts]) => ({
      name: `${workload}-${shadow}-${run}`,
      commands: Number(commands),
      sq: Number(sq),
      cq: Number(cq),
      interrupts: Number(interrupts),
    }));
}

async function json<T>(folder: string, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await bellwether(folder, ...args, '--json');
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

async function expectTruth(folder: string, truth: Truth): Promise<void> {
  const result = await json<InfoResult>(folder, 'info', truth.name);
  const queues = result.controllers.flatMap((controller) => controller.queues);
  const sum = (of: (queue: (typeof queues)[number]) => number): number => queues.reduce((total, queue) => total + of(queue), 0);
  expect({ name: truth.name, mmio: result.mmio, commands: sum((q) => q.commands), interrupts: sum((q) => q.interrupts) }).toEqual({
    name: truth.name,
    mmio: { sq: truth.sq, cq: truth.cq, total: truth.sq + truth.cq },
    commands: truth.commands,
    interrupts: truth.interrupts,
  });
  const { read, events, ignored, unknown, rejected } = result.quality.records;
  expect(read).toBe(events + ignored + unknown + rejected);
}

describe('the bundled captures', () => {
  const OFF: Truth = { name: 'randread32-off-1', commands: 6004, sq: 6004, cq: 587, interrupts: 620 };
  const ON: Truth = { name: 'randread32-on-1', commands: 6004, sq: 501, cq: 455, interrupts: 466 };

  it('info gives the true counts; a replay with shadow doorbells off gives the recorded SQ writes', async () => {
    const folder = tempFolder();
    const captures = [OFF, ON].map(({ name }) => join(ROOT, `fixtures/qemu-log/${name}.qemu.log.gz`));
    await json(folder, 'ingest', ...captures);
    await expectTruth(folder, OFF);
    await expectTruth(folder, ON);
    const { predicted, baseline } = await json<ReplayResult>(folder, 'replay', OFF.name, '--shadow', 'off', '--repeat', '2');
    expect(predicted.mmio.sq).toBe(OFF.sq);
    const report = await json<{ files: string[] }>(folder, 'report', 'mmio', OFF.name, '--against', ON.name, '--repeat', '2', '-o', 'mmio.csv');
    expect(report.files).toEqual(['mmio.csv']);
    expect(readFileSync(join(folder, 'mmio.csv'), 'utf8')).toContain('captured,501,455,956');
    expect(baseline).toEqual({ mmio: { sq: OFF.sq, cq: OFF.cq, total: OFF.sq + OFF.cq }, source: 'recorded' });
  });
});

describe.skipIf(!existsSync(PAIRS))(`the captures of ${PAIRS}${existsSync(PAIRS) ? '' : ' (skipped: the folder is not there)'}`, () => {
  it('info and replay --shadow off agree with the ground truth', async () => {
    const folder = tempFolder();
    const truths = groundTruth();
    expect(truths).toHaveLength(10);
    await json(folder, 'ingest', ...truths.map(({ name }) => join(PAIRS, `${name}.qemu.log.gz`)));
    for (const truth of truths) await expectTruth(folder, truth);
    for (const truth of truths.filter(({ name }) => name.includes('-off-'))) {
      const { predicted } = await json<ReplayResult>(folder, 'replay', truth.name, '--shadow', 'off', '--repeat', '1');
      expect({ name: truth.name, sq: predicted.mmio.sq }).toEqual({ name: truth.name, sq: truth.sq });
    }
  });
});
