// Captures of the same workload under the configuration that a what-if predicts: how far off was it?

import { usageError } from '../base/errors.js';
import { type MmioTotal, mmioTotal } from '../metrics/doorbells.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import { mean } from '../metrics/stats.js';
import { ActionLog } from '../replay/action-log.js';
import type { Prediction } from '../replay/prediction.js';
import type { Store } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import { overviewOf, readHistory, traceNamed } from './subject.js';
import { checkInside, checkWindow } from './time-window.js';

/** A mean with the smallest and the largest value. */
export interface MeanRange {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /**
   * Each capture, with its saved fraction against the what-if's baseline. Where the baseline or what is compared with it is a part of a recording,
   * register writes are scaled to as many commands as the baseline has.
   */
  readonly captures: readonly { readonly trace: TraceRow; readonly commands: number; readonly mmio: MmioTotal; readonly saved: number }[];
  readonly traces: readonly TraceRow[];
  readonly mmio: { readonly sq: MeanRange; readonly cq: MeanRange; readonly total: MeanRange };
  /** Saved fraction of each capture, against the what-if's baseline. */
  readonly saved: MeanRange;
  /** Predicted minus mean captured saved fraction. */
  readonly savedError: number;
  /** Whether the mean captured saved fraction lies in the predicted interval. */
  readonly covered: boolean;
}

/** What captures are compared with. */
export interface ComparedWith {
  readonly shadow: boolean;
  readonly baseline: MmioTotal;
  readonly predicted: Prediction;
  /** The baseline's, where it or what is compared with it is a part of a recording. */
  readonly commands: number | undefined;
  /** The part of each capture that is compared; undefined: all of it. */
  readonly window: TimeWindow | undefined;
}

/**
 * Compares a prediction with captures, by name. Throws a usageError for one that was made under other shadow doorbells
 * than the prediction, and for one without I/O in the window.
 */
export function compareWith(store: Store, names: readonly string[], { shadow, baseline, predicted, commands, window }: ComparedWith): Comparison {
  const captures = names.map((name) => {
    const trace = traceNamed(store, name);
    const { doorbells } = overviewOf(store, trace);
    if (doorbells.controllers.some((controller) => controller.shadow) !== shadow) {
      throw usageError(`--against ${trace.name}: that capture has shadow doorbells ${shadow ? 'off' : 'on'}, the prediction has them ${shadow ? 'on' : 'off'}`);
    }
    const counts = window === undefined ? doorbells : countsWithin(store, trace, window);
    const mmio = commands === undefined ? counts.mmio : scaled(counts.mmio, counts.commands === 0 ? 0 : commands / counts.commands);
    const saved = baseline.total === 0 ? 0 : 1 - mmio.total / baseline.total;
    return { trace, commands: counts.commands, mmio, saved };
  });
  const range = (of: (mmio: MmioTotal) => number): MeanRange => rangeOf(captures.map(({ mmio }) => of(mmio)));
  const saved = rangeOf(captures.map((capture) => capture.saved));
  return {
    captures,
    traces: captures.map(({ trace }) => trace),
    mmio: { sq: range(({ sq }) => sq), cq: range(({ cq }) => cq), total: range(({ total }) => total) },
    saved,
    savedError: predicted.saved.fraction - saved.mean,
    covered: saved.mean >= predicted.saved.low && saved.mean <= predicted.saved.high,
  };
}

/** Commands and register writes of a capture in a window. */
function countsWithin(store: Store, trace: TraceRow, window: TimeWindow): ReturnType<ActionLog['counts']> {
  checkWindow(trace, window, '--against-');
  const log = new ActionLog(window);
  readHistory(store, trace, [log]);
  checkInside(log, trace, window, '--against-');
  return log.counts();
}

function scaled({ sq, cq }: MmioTotal, factor: number): MmioTotal {
  return mmioTotal({ sq: Math.round(sq * factor), cq: Math.round(cq * factor) });
}

function rangeOf(values: readonly number[]): MeanRange {
  return { mean: mean(values), low: Math.min(...values), high: Math.max(...values) };
}
