// Captures of the same workload under the configuration that a what-if predicts: how far off was it?

import { usageError } from '../base/errors.js';
import type { MmioTotal } from '../metrics/doorbells.js';
import { mean } from '../metrics/stats.js';
import type { Prediction } from '../replay/prediction.js';
import type { Store } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import { overviewOf, traceNamed } from './subject.js';

/** A mean with the smallest and the largest value. */
export interface MeanRange {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /** Each capture, with its saved fraction against the what-if's baseline. */
  readonly captures: readonly { readonly trace: TraceRow; readonly mmio: MmioTotal; readonly saved: number }[];
  readonly traces: readonly TraceRow[];
  readonly mmio: { readonly sq: MeanRange; readonly cq: MeanRange; readonly total: MeanRange };
  /** Saved fraction of each capture, against the what-if's baseline. */
  readonly saved: MeanRange;
  /** Predicted minus mean captured saved fraction. */
  readonly savedError: number;
  /** Whether the mean captured saved fraction lies in the predicted interval. */
  readonly covered: boolean;
}

/**
 * Compares a prediction with captures, by name. Throws a usageError for one that was made under other shadow doorbells
 * than the prediction.
 */
export function compareWith(
  store: Store,
  names: readonly string[],
  { shadow, baseline, predicted }: { readonly shadow: boolean; readonly baseline: MmioTotal; readonly predicted: Prediction },
): Comparison {
  const captures = names.map((name) => {
    const trace = traceNamed(store, name);
    const { doorbells } = overviewOf(store, trace);
    if (doorbells.controllers.some((controller) => controller.shadow) !== shadow) {
      throw usageError(`--against ${trace.name}: that capture has shadow doorbells ${shadow ? 'off' : 'on'}, the prediction has them ${shadow ? 'on' : 'off'}`);
    }
    const saved = baseline.total === 0 ? 0 : 1 - doorbells.mmio.total / baseline.total;
    return { trace, mmio: doorbells.mmio, saved };
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

function rangeOf(values: readonly number[]): MeanRange {
  return { mean: mean(values), low: Math.min(...values), high: Math.max(...values) };
}
