// Use case: two traces, two runs, or a trace and a run, metric by metric; thresholds; charts.

import { usageError } from '../base/errors.js';
import { printable } from '../base/text.js';
import { deltasChart } from '../charts/deltas.js';
import { mmioChart } from '../charts/mmio.js';
import { occupancyChart } from '../charts/occupancy.js';
import { ratesChart } from '../charts/rates.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import { type Delta, type Measured, type Threshold, compareMeasured, crosses, parseThreshold } from '../metrics/compare.js';
import { type Store, openStoreForReading } from '../store/open.js';
import { findTrace, listTraces } from '../store/queries.js';
import { findRun, listRuns } from '../store/runs.js';
import { measureRun, measureTrace } from './measure.js';
import type { RunSeries } from './series.js';
import { capturedSeries, recordOf } from './study-record.js';
import { type PictureOptions, imagesOf, made, writeCharts } from './picture.js';

export interface CompareOptions extends PictureOptions {
  readonly db: string;
  /** Name or number of a trace, else of a run; 'trace:' or 'run:' in front decides. */
  readonly a: string;
  readonly b: string;
  /** As 'mmio.total > +5%'. */
  readonly failIf: readonly string[];
  /** Count differences within noise as well. */
  readonly strict: boolean;
}

/** One side of a comparison. */
export interface Side {
  readonly kind: 'trace' | 'run';
  readonly name: string;
}

export interface Exceeded {
  readonly threshold: string;
  readonly metric: string;
  readonly difference: number;
  readonly relative: number | null;
  /** Whether it counts: a difference within noise doesn't, unless asked for. */
  readonly counts: boolean;
}

export interface CompareResult {
  readonly a: Side;
  readonly b: Side;
  readonly deltas: readonly Delta[];
  /** Thresholds that the differences cross. */
  readonly exceeded: readonly Exceeded[];
  readonly failed: boolean;
  readonly files: readonly string[];
}

/** Compares. Throws a usageError for names that there are not, thresholds that can't be read, and metrics that one side lacks. */
export async function compare(options: CompareOptions): Promise<CompareResult> {
  const thresholds = options.failIf.map(thresholdOf);
  const picture = imagesOf(options);
  const store = openStoreForReading(options.db);
  try {
    const [a, b] = [sideOf(store, options.a), sideOf(store, options.b)];
    const deltas = compareMeasured(a.measured, b.measured);
    const exceeded = thresholds.flatMap((threshold) => exceededBy(threshold, deltas, options.strict));
    const charts = options.outputs.length === 0 ? [] : chartsOf(a, b, deltas, picture, options.outputs.some((path) => path.toLowerCase().endsWith('.html')));
    return {
      a: a.side,
      b: b.side,
      deltas,
      exceeded,
      failed: exceeded.some(({ counts }) => counts),
      files: await writeCharts(charts, `${b.side.name} compared with ${a.side.name}`, options),
    };
  } finally {
    store.close();
  }
}

interface MeasuredSide {
  readonly side: Side;
  readonly measured: readonly Measured[];
  /** Its tables over time; undefined where it has none. Asked for only where they are drawn: a trace's need a pass over its events. */
  readonly series: () => RunSeries | undefined;
}

function sideOf(store: Store, reference: string): MeasuredSide {
  const [, kind, name = reference] = /^(trace|run):(.*)$/.exec(reference) ?? [];
  const trace = kind === 'run' ? undefined : findTrace(store, name);
  if (trace !== undefined) return { side: { kind: 'trace', name: trace.name }, measured: measureTrace(store, trace), series: () => capturedSeries(store, trace) };
  const run = kind === 'trace' ? undefined : findRun(store, name);
  if (run !== undefined) return { side: { kind: 'run', name: run.name }, measured: measureRun(run), series: () => recordOf(run)?.predicted };
  const names = [...listTraces(store), ...listRuns(store)].map((row) => row.name);
  throw usageError(`no ${kind ?? 'trace and no run'} is called "${name}" in ${store.file}`, [names.length === 0 ? 'The store is empty.' : `The store holds: ${names.slice(0, 20).join(', ')}.`]);
}

function thresholdOf(text: string): Threshold {
  const threshold = parseThreshold(text);
  if (threshold !== undefined) return threshold;
  throw usageError(`--fail-if ${text}: not a threshold`, ["A threshold is a metric, > >= < or <=, and a number or a percentage: 'mmio.total > +5%'."]);
}

function exceededBy(threshold: Threshold, deltas: readonly Delta[], strict: boolean): readonly Exceeded[] {
  const delta = deltas.find(({ metric }) => metric === threshold.metric);
  if (delta === undefined) throw usageError(`--fail-if ${threshold.text}: no metric "${threshold.metric}" on both sides`, [`There are: ${deltas.map(({ metric }) => metric).join(', ')}.`]);
  if (!crosses(threshold, delta)) return [];
  const { metric, difference, relative, verdict } = delta;
  return [{ threshold: threshold.text, metric, difference, relative, counts: strict || verdict !== 'no difference beyond noise' }];
}

/** Differences of all metrics, and the doorbell writes of both sides. Queues of their own stand in the table alone when there are many. */
function chartsOf(a: MeasuredSide, b: MeasuredSide, deltas: readonly Delta[], picture: ChartOptions, isPage: boolean): Chart[] {
  const names = { a: printable(a.side.name), b: printable(b.side.name) };
  const few = deltas.length <= 40 ? deltas : deltas.filter(({ metric }) => !metric.includes('queue.'));
  const labels = [names.a, names.b].map((name, i) => (names.a === names.b ? `${name} (${[a, b][i]!.side.kind} ${i + 1})` : name));
  const rows = [a, b].flatMap(({ side, measured }, i) => {
    const of = (metric: string): Measured | undefined => measured.find((one) => one.metric === metric);
    const total = of('mmio.total');
    const interval = total === undefined || total.low === null || total.high === null ? {} : { low: Math.round(total.low), high: Math.round(total.high) };
    const label = labels[i]!;
    return [{ label, side: 'sq', writes: of('mmio.sq')?.value ?? 0, note: side.kind, ...interval }, { label, side: 'cq', writes: of('mmio.cq')?.value ?? 0 }] as const;
  });
  return [deltasChart(few, names, picture), mmioChart(rows, picture), ...(isPage ? timeChartsOf([a, b], labels, picture) : [])];
}

/** Both sides over time, one below the other; none where a side has no such tables. */
function timeChartsOf(sides: readonly MeasuredSide[], labels: readonly string[], picture: ChartOptions): Chart[] {
  const tables = sides.map(({ series }) => series());
  if (tables.includes(undefined)) return [];
  const all = tables.map((table, i) => ({ run: labels[i]!, table: table! }));
  const queueCount = Math.max(...all.map(({ table }) => table.queueCount));
  return [
    ...made(() => ratesChart(all.flatMap(({ run, table }) => table.rates.map((row) => ({ run, ...row }))), picture)),
    ...made(() => occupancyChart(all.flatMap(({ run, table }) => table.occupancy.map((row) => ({ run, ...row }))), { ...picture, queueCount })),
  ];
}
