// All captured QEMU logs that are at hand: sums, order, no rejects, and the doorbell counts that came with them.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../src/formats/source.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../src/trace/event.js';
import { SHARED_TRACES, decode, sumsAddUp } from './support.js';

const PRESENT = existsSync(SHARED_TRACES);
const WHY = PRESENT ? '' : ' (skipped: ../shared/traces is not present)';

function logs(folder: string): string[] {
  if (!existsSync(`${SHARED_TRACES}${folder}`)) return [];
  const files = readdirSync(`${SHARED_TRACES}${folder}`).filter((file) => /(?:^|\.)qemu\.log\.gz$/.test(file));
  return files.map((file) => `${folder}/${file}`);
}

const FOLDERS = ['pairs', 'pinned', 'kvm', 'misc', 'mmiotrace', 'simple', 'qemu-ftrace', 'trace-cmd'];

interface Truth {
  readonly workload: string;
  readonly shadow: string;
  readonly counts: { commands: number; sq: number; cq: number; msix: number };
}

/** Rows of run 1 of a ground-truth table: what was counted on the I/O queues when the capture was made. */
function truths(folder: string): Truth[] {
  const file = `${SHARED_TRACES}${folder}/ground-truth.tsv`;
  if (!existsSync(file)) return [];
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1).map((row) => row.split('\t'));
  return rows
    .filter((row) => row[2] === '1')
    .map(([workload = '', shadow = '', , commands, sq, cq, , msix]) => ({
      workload,
      shadow,
      counts: { commands: Number(commands), sq: Number(sq), cq: Number(cq), msix: Number(msix) },
    }));
}

describe.skipIf(!PRESENT)(`captured QEMU logs${WHY}`, () => {
  test.each(FOLDERS)('%s: every line is whole and known, and counted once', async (folder) => {
    const found = logs(folder);
    expect(found.length).toBeGreaterThan(0);
    for (const log of found) {
      const { events, tally, detection, format } = await decode(await openSource(`${SHARED_TRACES}${log}`));
      expect(format.id).toBe('qemu-log');
      expect(detection?.confidence).toBeGreaterThan(0.95);
      expect(sumsAddUp(tally)).toBe(true);
      expect({ log, ...tally.counts }).toMatchObject({ log, unknown: 0, rejected: 0 });
      expect(events).toHaveLength(tally.counts.events);
      expect(events.every((event, i) => i === 0 || event.place > (events[i - 1]?.place ?? NaN))).toBe(true);
    }
  });

  test.each(['pairs', 'pinned'])('%s: commands, doorbells and interrupts of the first runs are those of the ground truth', async (folder) => {
    const rows = truths(folder);
    expect(rows.length).toBeGreaterThan(0);
    for (const { workload, shadow, counts } of rows) {
      const { events } = await decode(await openSource(`${SHARED_TRACES}${folder}/${workload}-${shadow}-1.qemu.log.gz`));
      const io = events.filter((event) => event.queue > 0);
      const doorbells = io.filter((event) => event.kind === KIND['doorbell.mmio']);
      expect({
        workload,
        shadow,
        commands: io.filter((event) => event.kind === KIND['command.fetch']).length,
        sq: doorbells.filter((event) => event.side === SIDE_SQ).length,
        cq: doorbells.filter((event) => event.side === SIDE_CQ).length,
      }).toEqual({ workload, shadow, commands: counts.commands, sq: counts.sq, cq: counts.cq });
      if (folder === 'pairs') {
        const ioVectors = events.filter((event) => event.kind === KIND.interrupt && event.extra === 0 && event.value > 0);
        expect({ workload, shadow, msix: ioVectors.length }).toEqual({ workload, shadow, msix: counts.msix });
      }
    }
  });
});
