// The charts of a study.

import { formatCount, formatPercent } from '../base/units.js';
import { latencyChart } from '../charts/latency.js';
import { type MmioRow, mmioChart } from '../charts/mmio.js';
import { occupancyChart } from '../charts/occupancy.js';
import { nothingToDraw } from '../charts/options.js';
import { ratesChart } from '../charts/rates.js';
import { ringsChart } from '../charts/rings.js';
import { type SavedRow, savedChart } from '../charts/saved.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import type { RUNS } from '../charts/theme.js';
import type { Bounds } from '../history/loss.js';
import type { RunSeries } from './series.js';
import type { Study } from './study.js';
import { windowIn, windowText } from './time-window.js';

/** Makes one chart of a study. */
export type StudyChart = (study: Study, options?: ChartOptions) => Chart;

/** MMIO doorbell writes: recorded, baseline, predicted, captured. */
export const mmioChartOf: StudyChart = ({ parameters, record, comparison, overview }, options = {}) => {
  const { baseline, predicted } = record.result;
  const { part } = record.facts;
  const { mmio } = part ?? overview.doorbells;
  // What may be missing is known of the whole recording alone.
  const missing = part === undefined ? missingText(overview.bounds.total, mmio.total) : '';
  const recorded = { label: 'recorded', note: `shadow doorbells ${record.facts.recordedShadow ? 'on' : 'off'}${missing}` };
  const rows: MmioRow[] = bar(recorded, mmio);
  const isBaseline = predictsBaseline(parameters, record.facts.recordedShadow);
  if (baseline.source !== 'recorded' && !isBaseline) rows.push(...bar({ label: 'baseline', note: baseline.source }, baseline.mmio));
  const { low, high } = predicted.mmioInterval.total;
  const median = { label: 'predicted', note: `shadow doorbells ${parameters.shadow}, median of ${parameters.repeat} runs` };
  rows.push(...bar(median, predicted.mmio, { low: Math.round(low), high: Math.round(high) }));
  if (comparison !== undefined) {
    const { sq, cq } = comparison.mmio;
    const note = comparison.traces.length === 1 ? comparison.traces[0]!.name : `mean of ${comparison.traces.length} captures`;
    rows.push(...bar({ label: 'captured', note }, { sq: Math.round(sq.mean), cq: Math.round(cq.mean) }));
  }
  const { fraction, low: savedLow, high: savedHigh } = predicted.saved;
  const saved = `${policiesOf(parameters)}: ${formatPercent(fraction)} saved (90 % interval ${formatPercent(savedLow)} to ${formatPercent(savedHigh)})`;
  return mmioChart(rows, { ...options, subtitle: `Trace ${traceText(record, parameters)}; ${isBaseline ? 'predicted without shadow doorbells' : saved}.` });
};

/** Whether the what-if is the baseline itself: a recording with shadow doorbells, replayed without them. Then nothing is saved against it. */
function predictsBaseline({ shadow }: Study['parameters'], recordedShadow: boolean): boolean {
  return shadow === 'off' && recordedShadow;
}

/** The saved fraction: predicted, captured, and by predictors without a model. */
export const savedChartOf: StudyChart = ({ parameters, record, comparison }, options = {}) => {
  const { predicted, baselines, baseline } = record.result;
  if (predictsBaseline(parameters, record.facts.recordedShadow)) throw nothingToDraw('saved', 'what is predicted without shadow doorbells is the baseline itself');
  const rows: SavedRow[] = [{ label: 'predicted', kind: 'model', ...predicted.saved, note: `90 % of ${parameters.repeat} runs` }];
  if (comparison !== undefined) {
    const { mean, low, high } = comparison.saved;
    const isOne = comparison.traces.length === 1;
    rows.push({ label: 'captured', kind: 'captured', fraction: mean, ...(isOne ? {} : { low, high, note: `range of ${comparison.traces.length} captures` }) });
  }
  for (const [name, fraction] of Object.entries(baselines)) rows.push({ label: name, kind: 'simple', fraction });
  return savedChart(rows, { ...options, subtitle: `Trace ${traceText(record, parameters)}; ${policiesOf(parameters)}. Baseline: ${formatCount(baseline.mmio.total)} writes, ${baseline.source}.` });
};

/** Entries per doorbell write. */
export const ringsChartOf: StudyChart = (study, options = {}) =>
  ringsChart(runsOf(study).flatMap(({ run, series }) => series.rings.map((row) => ({ run, ...row }))), { ...options, subtitle: subtitleOf(study) });

/** MMIO doorbell writes over time. */
export const ratesChartOf: StudyChart = (study, options = {}) =>
  ratesChart(runsOf(study).flatMap(({ run, series }) => series.rates.map((row) => ({ run, ...row }))), { ...options, subtitle: subtitleOf(study) });

/** Latency by stage. */
export const latencyChartOf: StudyChart = (study, options = {}) => {
  return latencyChart(runsOf(study).flatMap(({ run, series }) => series.latency.map((row) => ({ run, ...row }))), { ...options, subtitle: `${subtitleOf(study)}${lateText(study)}` });
};

/** Queue occupancy over time: as recorded, in the run that the prediction's numbers are from, and in the first capture that is compared with. */
export const occupancyChartOf: StudyChart = (study, options = {}) =>
  occupancyChart(runsOf(study).flatMap(({ run, series }) => series.occupancy.map((row) => ({ run, ...row }))), {
    ...options,
    depth: study.record.facts.depths,
    queueCount: study.record.recorded.queueCount,
    subtitle: `${subtitleOf(study)}${lateText(study)}`,
  });

function lateText({ record, captured }: Study): string {
  return record.facts.recordedShadow || captured !== undefined ? ' With shadow doorbells on, a capture shows the driver\'s steps only when the device learns of them.' : '';
}

interface NamedSeries {
  readonly run: (typeof RUNS)[number]['run'];
  readonly series: RunSeries;
}

function runsOf({ record, captured }: Study): NamedSeries[] {
  const runs: NamedSeries[] = [{ run: 'recorded', series: record.recorded }, { run: 'predicted', series: record.predicted }];
  return captured === undefined ? runs : [...runs, { run: 'captured', series: captured }];
}

function subtitleOf({ parameters, record, comparison, captured, options }: Study): string {
  const part = options.againstWindow === undefined ? '' : `, ${windowText(options.againstWindow)}`;
  const against = captured === undefined ? '' : `; captured: ${comparison!.traces[0]!.name}${part}`;
  return `Trace ${traceText(record, parameters)}; predicted: shadow doorbells ${parameters.shadow}, run with seed ${record.result.predicted.medianSeed}${against}.`;
}

/** The trace, with the part of it that was replayed where that isn't all. */
function traceText({ facts: { part } }: Study['record'], { trace }: Study['parameters']): string {
  return part === undefined ? trace : `${trace}, ${windowText(windowIn(part))}`;
}

function policiesOf({ policy, cq_policy }: Study['parameters']): string {
  return `${policy} on submission queues, ${cq_policy} on completion queues`;
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
