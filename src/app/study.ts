// A study: one what-if on one trace with all that charts and reviews show of it.

import { type Chart } from '../charts/spec.js';
import { type MmioRow, mmioChart } from '../charts/mmio.js';
import { occupancyChart } from '../charts/occupancy.js';
import { formatCount, formatPercent } from '../base/units.js';
import type { Bounds } from '../history/loss.js';
import type { WhatIfResult } from '../replay/what-if.js';
import type { Store } from '../store/open.js';
import { type ConfigurationNames, configurationOf } from './catalogue.js';
import { type Comparison, compareWith } from './comparison.js';
import { depthsOf, recordedOccupancy, replayedOccupancy } from './occupancy.js';
import { type ReplayOptions, type RunParameters, replayTrace } from './replay.js';
import { type Replayable, overviewOf, readReplayable } from './subject.js';

export interface StudyOptions extends Omit<ReplayOptions, 'db'>, ConfigurationNames {
  /** Names of captures made under the predicted configuration, if there are any. */
  readonly against: readonly string[];
}

export interface Study {
  readonly replayable: Replayable;
  /** What the recorded doorbell writes can have been, by what the capture may have missed. */
  readonly recordedBounds: Bounds;
  readonly options: StudyOptions;
  readonly parameters: RunParameters;
  readonly result: WhatIfResult;
  readonly comparison: Comparison | undefined;
}

/** Makes a study. */
export function makeStudy(store: Store, options: StudyOptions): Study {
  const replayable = readReplayable(store, options.trace);
  const { parameters, result } = replayTrace(replayable, options);
  const comparison =
    options.against.length === 0
      ? undefined
      : compareWith(store, options.against, { shadow: options.shadow, baseline: result.baseline.mmio, predicted: result.predicted });
  return { replayable, recordedBounds: overviewOf(store, replayable.trace).bounds.total, options, parameters, result, comparison };
}

/** The chart of MMIO doorbell writes: baseline, predicted, captured. */
export function mmioChartOf({ parameters, result, comparison, replayable, recordedBounds }: Study): Chart {
  const { baseline, predicted } = result;
  const recorded = { label: 'recorded', note: `shadow doorbells ${replayable.recordedConfiguration.shadow ? 'on' : 'off'}${missingText(recordedBounds, replayable.doorbells.mmio.total)}` };
  const rows: MmioRow[] = bar(recorded, replayable.doorbells.mmio);
  if (baseline.source !== 'recorded') rows.push(...bar({ label: 'baseline', note: baseline.source }, baseline.mmio));
  const { low, high } = predicted.mmioInterval.total;
  const median = { label: 'predicted', note: `shadow doorbells ${parameters.shadow}, median of ${parameters.repeat} runs` };
  rows.push(...bar(median, predicted.mmio, { low: Math.round(low), high: Math.round(high) }));
  if (comparison !== undefined) {
    const { sq, cq } = comparison.mmio;
    const note = comparison.traces.length === 1 ? comparison.traces[0]!.name : `mean of ${comparison.traces.length} captures`;
    rows.push(...bar({ label: 'captured', note }, { sq: Math.round(sq.mean), cq: Math.round(cq.mean) }));
  }
  const { fraction, low: savedLow, high: savedHigh } = predicted.saved;
  const saved = `${formatPercent(fraction)} saved (90 % interval ${formatPercent(savedLow)} to ${formatPercent(savedHigh)})`;
  const policies = `${parameters.policy} on submission queues, ${parameters.cq_policy} on completion queues`;
  return mmioChart(rows, { subtitle: `Trace ${parameters.trace}; ${policies}: ${saved}.` });
}

/** ", 6,004 .. 6,019 with what may be missing"; nothing where nothing is missing. */
function missingText({ low, high }: Bounds, counted: number): string {
  if (low === counted && high === counted) return '';
  return `, ${formatCount(low)} .. ${high === null ? 'any number' : formatCount(high)} with what may be missing`;
}

function bar(
  { label, note }: { readonly label: string; readonly note: string },
  { sq, cq }: { readonly sq: number; readonly cq: number },
  interval: { readonly low?: number; readonly high?: number } = {},
): MmioRow[] {
  return [
    { label, side: 'sq', writes: sq, note, ...interval },
    { label, side: 'cq', writes: cq },
  ];
}

/** The chart of queue occupancy over time: as recorded, and in the median run of the prediction. */
export function occupancyChartOf(store: Store, { options, parameters, replayable, result }: Study): Chart {
  const { medianSeed, durationNs } = result.predicted;
  const rows = [
    ...recordedOccupancy(store, replayable, 'recorded'),
    ...replayedOccupancy(replayable, configurationOf(options, replayable.recordedConfiguration.transport), { seed: medianSeed, durationNs }, 'predicted'),
  ];
  return occupancyChart(rows, {
    depth: depthsOf(replayable),
    subtitle: `Trace ${parameters.trace}; predicted: shadow doorbells ${parameters.shadow}, run with seed ${medianSeed}.`,
  });
}
