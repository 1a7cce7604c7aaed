// The identity loop: a run of the model is recorded as a device records, and the recording goes the whole way back:
// history, action log, calibration, fit of the host, replay.

import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { mean } from '../../src/metrics/stats.js';
import type { ServiceTimes, Work } from '../../src/model/service.js';
import { sampledHost } from '../../src/replay/host.js';
import { KIND } from '../../src/trace/event.js';
import { OFF, ON, type Recording, Recordist, predict, subjectOf } from '../support/capture.js';
import { writeEvents } from '../support/events.js';
import { type Run, rings, run } from '../support/machine.js';

/** Times as in a QEMU capture: around a typical value, one in 50 much longer. */
class TrueService implements ServiceTimes {
  private readonly rng: Rng;

  constructor(seed: number) {
    this.rng = new Rng(seed, 'true service');
  }

  wakeNs = (): number => this.around(20_000);
  fetchNs = (): number => this.around(4_000);
  backendNs = (): number => this.around(60_000);
  completeNs = (): number => this.around(2_500);
  interruptNs = (): number => this.around(5_000);
  handlerNs = (): number => this.around(20_000);
  busyHandlerNs = (): number => this.around(8_000);
  pendingHandlerNs = (): number => this.around(8_000);
  handlerTailNs = (): number => 0;
  perCompletionNs = (): number => 0;
  lockWakeNs = (): number => this.around(4_000);
  kickNs = (): number => 0;
  backendBatch = (inFlight: number): number => Math.max(1, Math.round(inFlight * (0.5 + this.rng.unit() / 2)));

  private around(ns: number): number {
    return Math.round(ns * (0.5 + this.rng.unit()) * (this.rng.below(50) === 0 ? 8 : 1));
  }
}

const COMMANDS = 1200;
/** A saved fraction that is predicted to within this is called close: single runs differ by as much. */
const CLOSE = 0.1;

class TrueWork implements Work {
  readonly window = 24;
  readonly startNs = 0;
  private readonly rng: Rng;
  private left = COMMANDS;
  private readonly leastThinkNs: number;

  constructor(seed: number, leastThinkNs = 8_000) {
    this.leastThinkNs = leastThinkNs;
    this.rng = new Rng(seed, 'true work');
  }

  nextBatch = (): number => (this.left-- > 0 ? 1 : 0);
  thinkAfterSubmitNs = (): number => this.leastThinkNs + this.rng.below(10_000);
  thinkAfterReapNs = (): number => 15_000 + this.rng.below(15_000);
}

/** What happened on a host where vCPU and main loop share a core. */
function happened(loopWeight: number, shadow: boolean, seed = 1): Run {
  return run([{ work: new TrueWork(seed), sqDepth: 1024 }], {
    ...(shadow ? ON : OFF),
    service: new TrueService(seed),
    host: sampledHost({ cores: 1, loopWeight }, seed),
  });
}

/** Register writes of both sides, mean over several runs: one run more or less happens by chance. */
function meanWrites(loopWeight: number, shadow: boolean): number {
  return mean([1, 2, 3, 4, 5, 6, 7].map((seed) => rings(happened(loopWeight, shadow, seed))).map(({ sq, cq }) => sq + cq));
}

/** The recording of it that a device makes: without the driver's own events. */
function record({ events }: Run): Recording {
  const recordist = new Recordist();
  const seen = events.filter(({ kind }) => kind !== KIND['command.setup'] && kind !== KIND['command.reap']);
  writeEvents(seen, (batch) => recordist.push(batch), 4096);
  return recordist.end();
}

describe.each([0.5, 1, 2])('a host whose main loop weighs %s', (loopWeight) => {
  const truth = happened(loopWeight, false);
  const recording = record(truth);
  const subject = subjectOf(recording);
  const { predicted, selfCheck, baseline } = predict(recording, ON, { subject, repeat: 5 });

  test('threads that take turns are seen to take turns', () => {
    expect(recording.calibration.overlap).toBeLessThan(0.01);
    expect(subject.host.cores).toBe(1);
  });

  test('the fitted host makes as many passes over the CQ as happened', () => {
    expect(selfCheck.passed, JSON.stringify(selfCheck)).toBe(true);
    expect(baseline.mmio).toMatchObject(rings(truth));
  });

  test('the prediction with shadow doorbells on is close to what would have happened', () => {
    const saved = 1 - meanWrites(loopWeight, true) / meanWrites(loopWeight, false);
    expect(Math.abs(predicted.saved.fraction - saved)).toBeLessThan(CLOSE);
  });
});

test('a heavier main loop is let in less often, so that each pass reaps more', () => {
  const passes = [0.5, 1, 2, 8].map((loopWeight) => rings(happened(loopWeight, false)).cq);
  expect(passes).toEqual(passes.toSorted((a, b) => b - a));
  expect(passes[0]).toBeGreaterThan(2 * passes.at(-1)!);
});

describe('two vCPUs that ran beside the device', () => {
  function recordedOn(cores: number, seed: number): Recording {
    // With less to think both keep the device busy all the time, and the hosts can't be told apart.
    const queues = [0, 100].map((own) => ({ work: new TrueWork(seed + own, 90_000), sqDepth: 1024 }));
    return record(run(queues, { ...OFF, service: new TrueService(seed), host: sampledHost({ cores, loopWeight: 1 }, seed) }));
  }

  // Both keep the device busy most of the time, so that the hosts are hard to tell apart.
  test('a core for each thread, or one less: most recordings of the former are recognized, and more than half of the latter', () => {
    const seeds = [1, 2, 3, 4, 5];
    const recognized = [2, 3].map((cores) => {
      const chosen = seeds.map((seed) => subjectOf(recordedOn(cores, seed)));
      for (const { calibration, host } of chosen) expect(calibration.parallel).toBe(host.cores === 3);
      return chosen.filter(({ host }) => host.cores === cores).length;
    });
    expect(recognized[0]).toBeGreaterThan(seeds.length / 2);
    expect(recognized[1]).toBeGreaterThan((2 * seeds.length) / 3);
  });
});
