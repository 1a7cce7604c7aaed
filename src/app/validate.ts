// Use case: backtest. Predict from a capture, and compare with captures of the same workload made under what was predicted.

import { usageError } from '../base/errors.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import type { Prediction } from '../replay/prediction.js';
import type { SelfCheck } from '../replay/self-check.js';
import { openStoreForReading } from '../store/open.js';
import { type Comparison, compareWith } from './comparison.js';
import { type ReplayOptions, replayTrace } from './replay.js';
import { type ReplayedWindow, replayedWindow } from './replayed-window.js';
import { readReplayable } from './subject.js';

export interface ValidateOptions extends Omit<ReplayOptions, 'shadow'> {
  /** Traces captured under the predicted configuration, at least one. */
  readonly against: readonly string[];
  /** The part of those that is compared; all of them by default. */
  readonly againstWindow?: TimeWindow | undefined;
  /** Largest error of the saved fraction that passes; without it the interval decides. */
  readonly maxError?: number | undefined;
}

/** A capture that a prediction is compared with. */
export interface CapturedResult {
  readonly name: string;
  /** Of the part that is compared, on I/O queues. */
  readonly commands: number;
  /** Scaled to as many commands as the baseline has, where either is a part of a recording. */
  readonly mmio: { readonly sq: number; readonly cq: number; readonly total: number };
  /** Saved fraction against the prediction's baseline. */
  readonly saved: number;
  /** Whether that lies in the predicted interval. */
  readonly covered: boolean;
}

export interface ValidateResult {
  readonly trace: string;
  readonly baseline: { readonly mmio: { readonly sq: number; readonly cq: number; readonly total: number }; readonly source: string };
  readonly predicted: Prediction;
  readonly captured: readonly CapturedResult[];
  /** Predicted minus the mean of the captures: the saved fraction; register writes of each side as shares of the captured mean. */
  readonly error: { readonly saved: number; readonly sq: number; readonly cq: number };
  /** Whether the mean of the captures lies in the predicted interval. */
  readonly covered: boolean;
  /** Saved fractions of predictors without a model. */
  readonly baselines: Readonly<Record<string, number>>;
  readonly self_check: SelfCheck;
  /** The part of the trace that was replayed; null where that is all of it. */
  readonly window: ReplayedWindow | null;
  readonly passed: boolean;
}

/** Backtests a trace. The captures must have shadow doorbells the other way than the trace. */
export async function validate(options: ValidateOptions): Promise<ValidateResult> {
  if (options.against.length === 0) throw usageError('--against: name at least one capture to compare with');
  if (options.repeat < 1) throw usageError(`--repeat ${options.repeat}: at least one run is needed`);
  const store = openStoreForReading(options.db);
  try {
    const replayable = readReplayable(store, options.trace, options);
    const shadow = !replayable.recordedConfiguration.shadow;
    const { result } = await replayTrace(replayable, { ...options, shadow });
    const { predicted, baseline } = result;
    const { part, recorded, recording } = replayable;
    const commands = recording.cut === undefined && options.againstWindow === undefined ? undefined : recorded.commands;
    const comparison = compareWith(store, options.against, { shadow, baseline: baseline.mmio, predicted, commands, window: options.againstWindow });
    const { savedError, covered } = comparison;
    return {
      trace: replayable.trace.name,
      baseline,
      predicted,
      captured: capturedResults(comparison, predicted),
      error: { saved: savedError, sq: share(predicted.mmio.sq, comparison.mmio.sq.mean), cq: share(predicted.mmio.cq, comparison.mmio.cq.mean) },
      covered,
      baselines: result.baselines,
      self_check: result.selfCheck,
      window: replayedWindow(recording, part),
      passed: options.maxError === undefined ? covered : Math.abs(savedError) <= options.maxError,
    };
  } finally {
    store.close();
  }
}

function capturedResults({ captures }: Comparison, { saved: { low, high } }: Prediction): readonly CapturedResult[] {
  return captures.map(({ trace, commands, mmio, saved }) => ({ name: trace.name, commands, mmio, saved, covered: saved >= low && saved <= high }));
}

/** How much more `predicted` is than `captured`, as a share of it; 0 when both are 0. */
function share(predicted: number, captured: number): number {
  return predicted === captured ? 0 : predicted / captured - 1;
}

/** Reads a fraction in 0 .. 1 that was given for a flag; throws a usageError otherwise. */
export function fractionOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw usageError(`${flag} ${text}: not a fraction from 0 to 1`);
  return value;
}
