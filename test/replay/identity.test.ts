// "Replay the recording as it was, and get the recording back", on real captures.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Recordist, OFF, ON, predict, readCapture, subjectOf } from '../support/capture.js';
import { runOnce } from '../../src/replay/run.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/qemu-log/', import.meta.url));
/** Where developers keep the captures that are too large for the repository. */
const PAIRS = fileURLToPath(new URL('../../../shared/traces/pairs/', import.meta.url));

describe('a capture with shadow doorbells off', async () => {
  const recording = await readCapture(`${FIXTURES}randread32-off-1.qemu.log.gz`);
  const subject = subjectOf(recording);

  test.each([1, 2, 3, 17, 1000])('replayed as it was, seed %i, has the recorded SQ writes exactly', (seed) => {
    const { doorbells, commands, stalls, runaway } = runOnce(subject, OFF, seed);
    const { part } = recording;
    expect(doorbells.mmio.sq + part.leftOut.mmio.sq).toBe(recording.doorbells.mmio.sq);
    expect(commands + part.leftOut.commands).toBe(recording.doorbells.commands);
    expect({ stalls, runaway }).toEqual({ stalls: [], runaway: false });
  });

  test('the same options give the same prediction, to the last digit', () => {
    const twice = [1, 2].map(() => predict(recording, ON, { subject, repeat: 2 }));
    expect(twice[0]).toEqual(twice[1]);
  });

  test('a replay with shadow doorbells on finishes every command and writes less', () => {
    const { predicted, baseline } = predict(recording, ON, { subject, repeat: 3 });
    expect(baseline).toEqual({ mmio: recording.doorbells.mmio, source: 'recorded' });
    expect(predicted.commands).toBe(recording.doorbells.commands);
    expect(predicted.mmio.total).toBeLessThan(baseline.mmio.total);
    expect(predicted).toMatchObject({ stalls: [], runaways: 0 });
  });

  test('the recorded commands are in the replay queue by queue', () => {
    const perQueue = (mmio: typeof recording): Record<number, number> =>
      Object.fromEntries(mmio.doorbells.controllers[0]!.queues.map(({ qid, commands }) => [qid, commands]));
    const recordist = new Recordist();
    runOnce(subject, OFF, 1, (batch) => recordist.push(batch));
    const replayed = perQueue(recordist.end());
    const leftOut = recording.part.leftOut.commands;
    const recorded = perQueue(recording);
    const missing = Object.keys(recorded).map((qid) => recorded[Number(qid)]! - replayed[Number(qid)]!);
    expect(missing.every((n) => n >= 0)).toBe(true);
    expect(missing.reduce((sum, n) => sum + n, 0)).toBe(leftOut);
  });
});

describe('a capture with shadow doorbells on', async () => {
  const recording = await readCapture(`${FIXTURES}randread32-on-1.qemu.log.gz`);
  const { log, calibration } = recording;
  const subject = { log, calibration, host: { cores: 1, loopWeight: 1.5 } };

  test('is compared with its replay with shadow doorbells off', () => {
    const { baseline, baselines } = predict(recording, ON, { subject, recorded: ON, repeat: 1 });
    expect(baseline.source).toBe('replayed with shadow doorbells off');
    expect(baseline.mmio.total).toBeGreaterThan(recording.doorbells.mmio.total);
    expect(baselines).toEqual({});
  });
});

const captures = ['randread32', 'batch16', 'qd4small', 'write1sync', 'seed4'].flatMap((workload) =>
  [1, 2, 3].map((run) => `${workload}-off-${run}`),
);

test.skipIf(!existsSync(PAIRS)).each(captures)('skipped without the shared captures: %s has its SQ writes exactly when replayed as it was', async (name) => {
  const recording = await readCapture(`${PAIRS}${name}.qemu.log.gz`);
  const { log, calibration, part, doorbells } = recording;
  const host = { cores: 1, loopWeight: 1 };
  const replayed = runOnce({ log, calibration, host }, OFF, 1);
  expect(replayed.doorbells.mmio.sq + part.leftOut.mmio.sq).toBe(doorbells.mmio.sq);
  expect(replayed.commands + part.leftOut.commands).toBe(doorbells.commands);
});
