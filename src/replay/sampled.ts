// The calibrated times as a replay uses them: draws from the recorded lists, with replacement, by a seeded generator.

import { Rng } from '../base/rng.js';
import type { ServiceTimes, Work } from '../model/service.js';
import type { BackendBatch, Calibration, QueueCalibration } from './calibrate.js';

/** Draws one of the values; `fallback` when there are none (the recording never showed that step alone). */
function draw(rng: Rng, values: readonly number[], fallback: number): number {
  return values.length === 0 ? fallback : Math.max(values[rng.below(values.length)]!, 0);
}

// When a recording doesn't show a step, these stand in, in ns: the typical values of QEMU captures.
const FALLBACK = { wake: 20_000, fetch: 3_000, backend: 50_000, complete: 2_000, interrupt: 5_000, handler: 20_000, think: 15_000 };

/** Device and interrupt times drawn from a calibration. */
export class SampledService implements ServiceTimes {
  private readonly calibration: Calibration;
  private readonly rng: Rng;
  /** Recorded backend batches by the power of two of the commands in flight. */
  private readonly byLoad: readonly (readonly BackendBatch[])[];


  constructor(calibration: Calibration, seed: number) {
    this.calibration = calibration;
    this.rng = new Rng(seed, 'service');
    this.byLoad = groupByLoad(calibration.backend);
  }

  wakeNs(): number {
    return draw(this.rng, this.calibration.wakeNs, FALLBACK.wake);
  }

  fetchNs(): number {
    return draw(this.rng, this.calibration.fetchNs, FALLBACK.fetch);
  }

  backendNs(inFlight: number): number {
    return this.similar(inFlight)?.afterNs ?? FALLBACK.backend;
  }

  backendBatch(inFlight: number): number {
    const share = this.similar(inFlight)?.share ?? 1;
    return Math.min(Math.max(Math.round(share * inFlight), 1), inFlight);
  }

  completeNs(): number {
    return draw(this.rng, this.calibration.completeNs, FALLBACK.complete);
  }

  interruptNs(): number {
    return draw(this.rng, this.calibration.interruptNs, FALLBACK.interrupt);
  }

  handlerNs(): number {
    return draw(this.rng, this.calibration.handlerNs, FALLBACK.handler);
  }

  busyHandlerNs(): number {
    const { busyHandlerNs, handlerNs } = this.calibration;
    return draw(this.rng, busyHandlerNs.length > 0 ? busyHandlerNs : handlerNs, FALLBACK.handler);
  }

  /** A recorded batch with about as many commands in flight: of the same power of two, or the nearest that was seen. */
  private similar(inFlight: number): BackendBatch | undefined {
    const load = loadOf(inFlight);
    for (let away = 0; away < LOADS; away++) {
      const group = [this.byLoad[load - away], this.byLoad[load + away]].find((g) => g !== undefined && g.length > 0);
      if (group !== undefined) return group[this.rng.below(group.length)];
    }
    return undefined;
  }
}

/** Powers of two of commands in flight: a queue holds at most 65535, and there are several queues. */
const LOADS = 24;

function loadOf(inFlight: number): number {
  return Math.min(Math.floor(Math.log2(Math.max(inFlight, 1))), LOADS - 1);
}

function groupByLoad(batches: readonly BackendBatch[]): readonly (readonly BackendBatch[])[] {
  const groups: BackendBatch[][] = Array.from({ length: LOADS }, () => []);
  for (const batch of batches) groups[loadOf(batch.inFlight)]!.push(batch);
  return groups;
}

/** One queue's submissions drawn from a calibration: the recorded batches in order where all are known. */
export class SampledWork implements Work {
  readonly window: number;
  readonly startNs: number;
  private readonly queue: QueueCalibration;
  private readonly recordedCostNs: number;
  private readonly rng: Rng;
  private next = 0;
  private left: number;

  /**
   * @param recordedCostNs what a submission's doorbell cost in the recording, in ns: taken out of the think times,
   *   because the model adds the cost of what it does instead
   */
  constructor(queue: QueueCalibration, recordedCostNs: number, seed: number) {
    this.queue = queue;
    this.window = queue.window;
    this.startNs = queue.startNs;
    this.recordedCostNs = recordedCostNs;
    this.rng = new Rng(seed, `work ${queue.place}`);
    this.left = queue.commands;
  }

  nextBatch(): number {
    const { batches, batchesComplete } = this.queue;
    if (batchesComplete) return batches[this.next++] ?? 0;
    const size = Math.min(draw(this.rng, batches, 1), this.left);
    this.left -= size;
    return size;
  }

  thinkAfterSubmitNs(): number {
    return Math.max(draw(this.rng, this.queue.thinkAfterSubmitNs, FALLBACK.think) - this.recordedCostNs, 0);
  }

  thinkAfterReapNs(): number {
    return Math.max(draw(this.rng, this.queue.thinkAfterReapNs, FALLBACK.think) - this.recordedCostNs, 0);
  }
}
