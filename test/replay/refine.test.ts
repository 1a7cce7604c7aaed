// Threads side by side: the model makes a recording, is calibrated and refined from it, and must make it again.

import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/rng.js';
import { DEFAULT_COSTS } from '../../src/model/costs.js';
import type { ServiceTimes, Work } from '../../src/model/service.js';
import { sampledHost } from '../../src/replay/host.js';
import { refine } from '../../src/replay/refine.js';
import { writeTimes } from '../../src/replay/run.js';
import { OFF, ON, Recordist, predict, subjectOf } from '../support/capture.js';
import { writeEvents } from '../support/events.js';
import { type Run, run } from '../support/machine.js';

const COMMANDS = 2500;
const KICK = 7_000;

/** Times as captures show them, up to 40 % around their typical values. */
class TrueService implements ServiceTimes {
  private readonly rng: Rng;

  constructor(seed: number) {
    this.rng = new Rng(seed, 'true service');
  }

  wakeNs = (asleepNs: number): number => this.around(asleepNs < 16_000 ? 12_000 : 24_000);
  kickNs = (asleepNs: number): number => (asleepNs < 16_000 ? 0 : KICK);
  lockWakeNs = (): number => this.around(16_000);
  fetchNs = (): number => this.around(11_000);
  backendNs = (): number => this.around(6_000);
  completeNs = (): number => this.around(2_200);
  interruptNs = (): number => this.around(2_500);
  handlerNs = (): number => this.around(45_000);
  busyHandlerNs = (): number => this.around(44_000);
  pendingHandlerNs = (): number => this.around(8_000);
  handlerTailNs = (): number => 9_000;
  perCompletionNs = (): number => 4_000;
  backendBatch = (inFlight: number): number => inFlight;

  private around(ns: number): number {
    return Math.round(ns * (0.6 + 0.8 * this.rng.unit()));
  }
}

class TrueWork implements Work {
  readonly window = 32;
  readonly startNs = 0;
  private readonly thinkNs: number;
  private readonly rng: Rng;
  private left = COMMANDS;

  constructor(thinkNs: number, seed: number) {
    this.thinkNs = thinkNs;
    this.rng = new Rng(seed, 'true work');
  }

  nextBatch = (): number => (this.left-- > 0 ? 1 : 0);
  thinkAfterSubmitNs = (): number => this.thinkNs + this.rng.below(1_000) + (this.rng.below(40) === 0 ? 200_000 : 0);
  thinkAfterReapNs = (): number => 30_000 + this.rng.below(5_000);
}

function happened(thinkNs: number, seed: number): Run {
  return run([{ work: new TrueWork(thinkNs, seed), sqDepth: 1024 }], {
    ...OFF,
    costs: DEFAULT_COSTS,
    service: new TrueService(seed),
    host: sampledHost({ cores: 2, loopWeight: 1 }, seed),
    deviceOnly: true,
  });
}

describe.each([13_000, 22_000])('a submission takes %i ns', (thinkNs) => {
  const recordist = new Recordist();
  writeEvents(happened(thinkNs, 1).events, (batch) => recordist.push(batch), 4096);
  // In so regular a machine hardly a write falls between a fetch and its completion: that they ran side by side has to be said.
  const recording = recordist.end({ ...writeTimes(OFF), parallel: true });
  const subject = subjectOf(recording);
  const { selfCheck } = predict(recording, ON, { subject, repeat: 6 });

  test('every thread has a core of its own', () => {
    expect(subject.host.cores).toBe(2);
  });

  test('the replay of the recording as it was agrees with it', () => {
    expect(selfCheck.passed, JSON.stringify(selfCheck)).toBe(true);
  });

  test('is the same each time', () => {
    expect(refine(subject, OFF)).toEqual(refine(subject, OFF));
  });
});
