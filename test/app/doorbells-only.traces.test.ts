// Occupancy from doorbells alone, held against the log of the same run: what it says it knows is so.

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import { History } from '../../src/history/history.js';
import { OccupancyObserver } from '../../src/history/occupancy.js';
import { fitClock } from '../../src/trace/align/fit.js';
import { AnchorLog } from '../../src/trace/align/anchors.js';
import { pairAnchors } from '../../src/trace/align/pairs.js';
import { EventBatch, EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { SHARED_TRACES } from '../formats/support.js';
import { analysed } from '../support/analysed.js';

const present = existsSync(`${SHARED_TRACES}mmiotrace`);
const title = present ? 'mmiotrace and log' : 'skipped: not present: ../shared/traces/mmiotrace';

async function batchesOf(file: string): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  const writer = new EventWriter((batch) => {
    const copy = new EventBatch(batch.length);
    copy.copyFrom(batch);
    batches.push(copy);
  });
  await decodeSource(await openSource(SHARED_TRACES + file), { writer, tally: new Tally() });
  return batches;
}

interface Step {
  readonly timeNs: number;
  readonly level: number;
}

/** Levels of queue 1's submission side after each change. */
function sqLevels(batches: readonly EventBatch[]): readonly Step[] {
  const steps: Step[] = [];
  const history = new History([new OccupancyObserver((sq, stage, timeNs, level) => {
    if (sq.qid === 1 && stage === 'sq') steps.push({ timeNs, level });
  })]);
  for (const batch of batches) history.push(batch);
  history.end();
  return steps;
}

function anchors(batches: readonly EventBatch[]): AnchorLog {
  const log = new AnchorLog(1);
  for (const batch of batches) log.push(batch);
  return log;
}

describe.skipIf(!present)(title, () => {
  it('shadow doorbells off: the level from doorbells alone is an upper bound, all of the time', async () => {
    const doorbells = await batchesOf('mmiotrace/randread32-off.mmiotrace.gz');
    const log = await batchesOf('mmiotrace/randread32-off.qemu.log.gz');
    const pairs = pairAnchors(anchors(doorbells), anchors(log));
    if (typeof pairs === 'string') throw new Error(pairs);
    const { shiftNs, drift } = fitClock(pairs, anchors(doorbells).view, anchors(log).view);
    const upper = sqLevels(doorbells).map(({ timeNs, level }) => ({ timeNs: shiftNs + (1 + drift) * timeNs, level }));
    // The run that mmiotrace saw; before it the log shows the firmware's.
    const exact = sqLevels(log).filter(({ timeNs }) => timeNs > upper[0]!.timeNs && timeNs < upper.at(-1)!.timeNs);
    expect(exact.length).toBeGreaterThan(3000);
    // A trapped write reaches the device within this: the clocks are aligned by the fastest one.
    const tripNs = 1_000_000;
    const beyond = exact.filter(({ timeNs, level }) => level > highestWithin(upper, timeNs - tripNs, timeNs + tripNs));
    expect(beyond).toEqual([]);
    expect(boundsOf(doorbells)).toEqual(new Set([2]));
  });

  it('shadow doorbells on: doorbells alone bound nothing, and the levels are not called bounds', async () => {
    const doorbells = await batchesOf('mmiotrace/randread32-on.mmiotrace.gz');
    expect(boundsOf(doorbells)).toEqual(new Set([2]));
    // All of Linux's commands are counted, though a tenth of the tail's moves had no doorbell: the log has one more, of the firmware.
    const io = analysed((consume) => doorbells.forEach(consume)).analysis.queues.find(({ qid }) => qid === 1);
    expect(io).toMatchObject({ sq: { mmio: 1806, moved: 2004 - 1 } });
  });
});

function boundsOf(batches: readonly EventBatch[]): ReadonlySet<number> {
  return new Set(analysed((consume) => batches.forEach(consume)).occupancy.map(({ bound }) => bound));
}

/** The highest level that held at any time between the two. */
function highestWithin(steps: readonly Step[], fromNs: number, toNs: number): number {
  const last = steps.findLastIndex(({ timeNs }) => timeNs <= fromNs);
  let highest = last < 0 ? 0 : steps[last]!.level;
  for (let i = last + 1; i < steps.length && steps[i]!.timeNs <= toNs; i++) highest = Math.max(highest, steps[i]!.level);
  return highest;
}
