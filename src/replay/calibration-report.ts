// What was calibrated from a recording, step by step: how many observations, how they are spread, and what had to be inferred or
// stands in because the recording never showed it.

import { ascending, quantileSorted } from '../metrics/stats.js';
import type { HostFit } from './host.js';
import { FALLBACK } from './sampled.js';
import type { Numbers, RunCalibration, RunQueue, RunWorkers } from './shared.js';

/**
 * How a step's time is known. `observed`: each value is the time between two recorded events, less known costs. `inferred`: some or all
 * values are worked out from what several events say together, or from replays of the recording. `default`: it never shows alone.
 */
export type Origin = 'observed' | 'inferred' | 'default';

/** One calibrated distribution. Times in ns; NaN where there is nothing to draw from. */
export interface CalibratedStep {
  readonly step: string;
  /** Queue identifier; null for what all queues share. */
  readonly queue: number | null;
  /** Values to draw from. */
  readonly count: number;
  readonly p10Ns: number;
  readonly medianNs: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly origin: Origin;
  /** Between which events it lies, or what stands in. */
  readonly from: string;
}

/** What a queue's submitter does, as calibrated. */
export interface CalibratedQueue {
  readonly queue: number;
  readonly commands: number;
  readonly batches: number;
  /** Whether every submission is known; otherwise sizes are drawn from those that are. */
  readonly batchesComplete: boolean;
  /** Submissions that were found together, and taken for several of the usual size. */
  readonly batchesInferred: number;
  readonly medianBatch: number;
  readonly window: number;
  /** Whether the recording shows that this was the submitter's limit; otherwise it is a guess. */
  readonly windowReached: boolean;
  readonly polled: boolean;
}

export interface CalibrationReport {
  readonly steps: readonly CalibratedStep[];
  readonly queues: readonly CalibratedQueue[];
  readonly host: HostFit & {
    /** `side by side`: every thread has a core; `turns`: they share one. */
    readonly threads: 'side by side' | 'turns';
    /** Share of the vCPUs' updates between two actions of the device at work, which tells. */
    readonly overlap: number;
  };
  /** Submissions that found the device with nothing to do. */
  readonly idleWakes: number;
}

/** Describes a calibration. @param qidOf queue identifier by place in the action log */
export function calibrationReport(calibration: RunCalibration, host: HostFit, qidOf: (place: number) => number): CalibrationReport {
  const { parallel, overlap, idleWakes, queues } = calibration;
  return {
    steps: [...sharedSteps(calibration), ...queues.flatMap((queue) => queueSteps(calibration, queue, qidOf(queue.place)))],
    queues: queues.map(({ place, commands, batches, batchesComplete, batchesInferred, window, windowReached, polled }) => ({
      queue: qidOf(place),
      commands,
      batches: batches.length,
      batchesComplete,
      batchesInferred,
      medianBatch: quantileSorted(ascending(batches), 0.5),
      window,
      windowReached,
      polled,
    })),
    host: { ...host, threads: parallel ? 'side by side' : 'turns', overlap },
    idleWakes,
  };
}

function sharedSteps(calibration: RunCalibration): readonly CalibratedStep[] {
  const { parallel, wakes, fetchNs, backend, completeNs, interruptNs, special, workers } = calibration;
  const { handlerNs, busyHandlerNs, pendingHandlerNs, letInAfterSignalNs, handlerTailNs, perCompletionNs, kickNs } = calibration;
  const shared = { queue: null };
  // A wait for the lock that may be in a gap is taken out by bounds where threads ran side by side.
  const bounded: Origin = parallel ? 'inferred' : 'observed';
  const instead = handlerNs.length > 0 ? handlerNs : busyHandlerNs;
  return [
    step({ ...shared, step: 'wake', from: 'doorbell that finds the device asleep -> first fetch, less the dispatch' }, wakes.map(({ afterNs }) => afterNs), 'observed', FALLBACK.wake),
    step({ ...shared, step: 'fetch', from: 'fetch -> next fetch' }, fetchNs, 'observed', FALLBACK.fetch),
    ...(workers === undefined ? [] : workerSteps(workers)),
    step({ ...shared, step: 'backend', from: 'last action -> first completion of a batch, drawn near the commands in flight' }, backend.map(({ afterNs }) => afterNs), 'observed', FALLBACK.backend),
    step({ ...shared, step: 'complete', from: 'completion -> next completion' }, completeNs, 'observed', FALLBACK.complete),
    step({ ...shared, step: 'interrupt', from: 'last completion -> interrupt, less one completion' }, interruptNs, 'observed', FALLBACK.interrupt),
    ...special.map(({ opcode, serviceNs }) =>
      step({ ...shared, step: `special command ${opcode.toString(16).padStart(2, '0')}h`, from: 'fetch -> completion' }, serviceNs, 'observed', FALLBACK.backend)),
    step({ ...shared, step: 'handler, idle vCPU', from: 'interrupt -> pass over the CQ' }, handlerNs, 'observed', median(busyHandlerNs, FALLBACK.handler)),
    step({ ...shared, step: 'handler, vCPU at work', from: 'interrupt -> pass over the CQ' }, busyHandlerNs, 'observed', median(handlerNs, FALLBACK.handler)),
    step({ ...shared, step: 'handler behind a write', from: 'end of a register write -> pass over the CQ' }, pendingHandlerNs, bounded, median(instead, FALLBACK.handler)),
    step({ ...shared, step: 'let in after an interrupt', from: "release of the device's lock -> the vCPU that waited for it" }, letInAfterSignalNs, 'inferred', median(wakes.map(({ afterNs }) => afterNs), FALLBACK.wake)),
    step({ ...shared, step: 'kick', from: 'passes behind a write that woke the device, less those behind one that did not' }, [kickNs], 'inferred'),
    step({ ...shared, step: 'each further completion', from: 'passes over two completions, less those over one; 3 us where too few were recorded' }, [perCompletionNs], 'inferred'),
    step({ ...shared, step: 'handler behind its doorbell', from: 'found by replaying the recording until it takes as long' }, parallel ? [handlerTailNs] : [], 'inferred', 0),
  ];
}

function workerSteps({ shortFetchNs, longFetchNs, doneNs, waiting }: RunWorkers): readonly CalibratedStep[] {
  const shared = { queue: null };
  return [
    step({ ...shared, step: 'fetch, worker waits', from: 'fetch -> next fetch, the short mode' }, shortFetchNs, 'observed'),
    step({ ...shared, step: 'fetch, worker takes the core', from: 'fetch -> next fetch, the long mode; where too few were recorded, lone fetch -> completion less the posting' }, longFetchNs, 'inferred'),
    step({ ...shared, step: 'backend, done', from: 'end of a pass -> completion of what workers did meanwhile' }, doneNs, 'inferred'),
    step({ ...shared, step: 'backend, waiting', from: 'end of a pass -> completion where no worker took the core' }, waiting.map(({ afterNs }) => afterNs), 'inferred'),
  ];
}

function queueSteps({ parallel }: RunCalibration, { thinkAfterSubmitNs, thinkAfterReapNs }: RunQueue, queue: number): readonly CalibratedStep[] {
  const origin: Origin = parallel ? 'inferred' : 'observed';
  return [
    step({ queue, step: 'think after a submission', from: 'submission -> next submission that had room, less register writes and handlers' }, thinkAfterSubmitNs, origin, median(thinkAfterReapNs, FALLBACK.think)),
    step({ queue, step: 'think after a pass', from: 'pass that made room -> submission' }, thinkAfterReapNs, origin, median(thinkAfterSubmitNs, FALLBACK.think)),
  ];
}

function step(what: Pick<CalibratedStep, 'step' | 'queue' | 'from'>, values: Numbers, origin: Origin, insteadNs = NaN): CalibratedStep {
  if (values.length === 0) {
    return { ...what, count: 0, p10Ns: insteadNs, medianNs: insteadNs, p90Ns: insteadNs, p99Ns: insteadNs, origin: 'default', from: 'never seen alone: a typical value, or that of the nearest step, stands in' };
  }
  const sorted = ascending(values);
  const [p10Ns, medianNs, p90Ns, p99Ns] = [0.1, 0.5, 0.9, 0.99].map((p) => quantileSorted(sorted, p)) as [number, number, number, number];
  return { ...what, count: values.length, p10Ns, medianNs, p90Ns, p99Ns, origin };
}

function median(values: Numbers, fallback: number): number {
  return values.length === 0 ? fallback : quantileSorted(ascending(values), 0.5);
}
