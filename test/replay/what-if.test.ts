import { describe, expect, test } from 'vitest';
import { advance } from '../../src/nvme/ring.js';
import { BARRIER, REREAD, type SqPolicy, publish } from '../../src/model/policy/policy.js';
import { interval90 } from '../../src/metrics/stats.js';
import { fitHost } from '../../src/replay/fit.js';
import { runOnce } from '../../src/replay/run.js';
import { whatIf } from '../../src/replay/what-if.js';
import { OFF, ON, type Recording, Recordist, predict, readCapture, subjectOf } from '../support/capture.js';
import { Scene } from '../support/scene.js';

const DEPTH = 64;

/** `n` commands one at a time, 200 us apart, recorded with shadow doorbells off; `before` more, a second earlier. */
function oneAtATime(n: number, before = 0): Recording {
  const scene = new Scene().createQueue(1, DEPTH);
  for (let i = 0; i < before + n; i++) {
    const ns = i * 200_000 + (i < before ? 0 : 1e9);
    const next = (i + 1) % DEPTH;
    scene.at(ns).sqDoorbell(1, next).at(ns + 20_000).fetch(1, i).at(ns + 80_000).complete(1, i);
    scene.at(ns + 85_000).interrupt({ vector: 1 }).at(ns + 105_000).cqDoorbell(1, next);
  }
  const recordist = new Recordist();
  scene.play((batch) => recordist.push(batch));
  return recordist.end();
}

const N = 100;

describe('commands one at a time', () => {
  const recording = oneAtATime(N);

  test('save nothing: the device is idle whenever the driver announces', () => {
    const { baseline, predicted, selfCheck } = predict(recording, ON, { repeat: 3 });
    expect(baseline).toEqual({ mmio: { sq: N, cq: N, total: 2 * N }, source: 'recorded' });
    expect(predicted).toMatchObject({ commands: N, mmio: { sq: N, cq: N, total: 2 * N }, saved: { fraction: 0, low: 0, high: 0 } });
    expect(selfCheck.passed).toBe(true);
  });

  test('predictors without a model: each of them finds all writes needed', () => {
    expect(predict(recording, ON, { repeat: 1 }).baselines).toEqual({
      'twice the idle wakes': 1 - (2 * N) / (2 * N),
      'idle wakes and CQ passes': 1 - (N + N) / (2 * N),
      'twice the CQ passes': 1 - (2 * N) / (2 * N),
    });
  });

  test('nothing is latent: a command takes from its set-up to its pass', () => {
    const { latency, iops, durationNs } = predict(recording, OFF, { repeat: 1 }).predicted;
    expect(latency.p50Ns).toBeGreaterThan(100_000);
    expect(latency.p99Ns).toBeGreaterThanOrEqual(latency.p50Ns);
    expect(iops).toBeCloseTo(N / (durationNs / 1e9), 6);
  });
});

test('what was left out counts on both sides', () => {
  const before = 1;
  const recording = oneAtATime(N, before);
  expect(recording.part.leftOut).toEqual({ commands: before, mmio: { sq: before, cq: before } });
  const { baseline, predicted, baselines } = predict(recording, ON, { repeat: 1 });
  expect(baseline.mmio.total).toBe(2 * (N + before));
  expect(predicted).toMatchObject({ commands: N + before, mmio: { sq: N + before, cq: N + before } });
  expect(baselines['twice the idle wakes']).toBe(0);
});

test('a policy that stalls here is reported with queue and place', () => {
  const lookAhead: SqPolicy = {
    name: 'look-ahead',
    id: 'T',
    side: 'sq',
    formula: 'e := h + 1',
    provenance: 'test',
    risk: 'stalls',
    program: { onStart: [REREAD], onCommand: [publish((view) => advance(view.position, 1, view.depth)), BARRIER, REREAD], onEmpty: [] },
  };
  const { predicted } = predict(oneAtATime(N), { ...ON, sqPolicy: lookAhead }, { repeat: 2 });
  expect(predicted.stalls).toMatchObject([{ qid: 1, what: 'commands wait in the SQ', waiting: 1, runs: 2 }]);
  expect(predicted.stalls[0]!.atNs).toBeLessThanOrEqual(predicted.durationNs);
  expect(predicted.stalls[0]!.timerNs).toBeGreaterThan(0);
  expect(predicted.commands).toBe(1);
});

test('a run that stalls again and again counts once', () => {
  const lookAhead: SqPolicy = {
    name: 'look-ahead', id: 'T', side: 'sq', formula: 'e := h + 1', provenance: 'test', risk: 'stalls',
    program: { onStart: [REREAD], onCommand: [publish((view) => advance(view.position, 1, view.depth)), BARRIER, REREAD], onEmpty: [] },
  };
  const { predicted } = predict(oneAtATime(N), { ...ON, sqPolicy: lookAhead, scenario: { ioTimeoutNs: 1e9 } }, { repeat: 2 });
  expect(predicted.stalls).toMatchObject([{ what: 'commands wait in the SQ', recovered: 'controller reset', runs: 2 }]);
  expect(predicted.commands).toBe(N);
});

describe('over several seeds', async () => {
  const recording = await readCapture(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url).pathname);
  const { log, calibration, part, doorbells } = recording;
  const subject = { log, calibration, host: { cores: 1, loopWeight: 1.5 } };

  test.each([1, 2, 3, 4, 5])('the interval of %i runs holds their median run', (repeat) => {
    const { predicted, baseline } = predict(recording, ON, { subject, repeat, seed: 40 });
    const { fraction, low, high } = predicted.saved;
    expect(low).toBeLessThanOrEqual(fraction);
    expect(fraction).toBeLessThanOrEqual(high);
    expect(predicted.iopsInterval.low).toBeLessThanOrEqual(predicted.iops);
    expect(predicted.iops).toBeLessThanOrEqual(predicted.iopsInterval.high);
    expect(fraction).toBeCloseTo(1 - predicted.mmio.total / baseline.mmio.total, 12);
    expect(predicted.medianSeed).toBeGreaterThanOrEqual(40);
    expect(predicted.medianSeed).toBeLessThan(40 + repeat);
  });

  test('an interval reaches as far as that of all runs, and as that of those alone in which something is drawn anew', () => {
    const [seed, repeat] = [7, 12];
    const { sq } = predict(recording, ON, { subject, repeat, seed }).predicted.mmioInterval;
    const counts = Array.from({ length: repeat }, (_, i) => runOnce(subject, ON, seed + i, undefined, { vary: i % 2 === 1 }).doorbells.mmio.sq + part.leftOut.mmio.sq);
    const drawn = interval90(counts.filter((_, i) => i % 2 === 1));
    const all = interval90(counts);
    expect(drawn.low).not.toBe(all.low);
    expect(sq.low).toBeLessThanOrEqual(Math.min(drawn.low, all.low));
    expect(sq.high).toBeGreaterThanOrEqual(Math.max(drawn.high, all.high));
  });

  test('the numbers of a prediction are those of its median run', () => {
    const { predicted } = predict(recording, ON, { subject, repeat: 3 });
    const alone = predict(recording, ON, { subject, repeat: 1, seed: predicted.medianSeed }).predicted;
    for (const key of ['commands', 'mmio', 'latency', 'iops', 'durationNs', 'vcpuDoorbellNs', 'deviceBusyNs'] as const) {
      expect(alone[key]).toEqual(predicted[key]);
    }
  });

  test('a host that cannot repeat the recording fails the self-check', () => {
    const options = { part, recorded: doorbells.mmio, recordedConfiguration: OFF, configuration: ON, seed: 1, repeat: 1 };
    const never = whatIf({ ...options, subject: { ...subject, host: { cores: 1, loopWeight: 1000 } } });
    expect(never.selfCheck.passed).toBe(false);
    expect(never.selfCheck.items.find(({ what }) => what.includes('SQ'))!.passed).toBe(true);
    expect(never.selfCheck.items.find(({ what }) => what.includes('CQ'))!.passed).toBe(false);
  });
});

test('fitting is deterministic', () => {
  const recording = oneAtATime(N);
  const { log, calibration } = recording;
  const subject = { log, calibration };
  expect(fitHost(subject, OFF)).toEqual(fitHost(subject, OFF));
  expect(subjectOf(recording).host).toEqual(fitHost(subject, OFF));
});
