// The rows of the occupancy chart: what they mean, which queues are worth drawing, and their summary in a few lines.

import { ensure } from '../base/assert.js';
import { printable } from '../base/text.js';
import { ascending, quantileSorted } from '../metrics/stats.js';
import type { DataTable } from './spec.js';

/** Where a command is between its submission and its reaping, in this order. */
export const STAGES = ['SQ waiting', 'in device', 'CQ unreaped'] as const;
export type Stage = (typeof STAGES)[number];

/** Occupancy of one stage of one queue during one time bin: numbers of entries. */
export interface OccupancyRow {
  /** 'recorded', 'predicted', ... Runs keep the order of their first row. */
  readonly run: string;
  readonly qid: number;
  readonly stage: Stage;
  /** Seconds on the run's own clock; the chart starts each run at its earliest bin. */
  readonly startS: number;
  readonly endS: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The rows of one line of the chart, by time. */
export interface Series {
  readonly run: string;
  readonly qid: number;
  readonly stage: Stage;
  readonly rows: readonly OccupancyRow[];
}

/** Queue identifiers by load: entries held, as the time integral of the medians over all runs and stages. */
export function qidsByLoad(rows: readonly OccupancyRow[]): number[] {
  const load = new Map<number, number>();
  for (const row of rows) load.set(row.qid, (load.get(row.qid) ?? 0) + row.median * (row.endS - row.startS));
  return [...load].toSorted(([qidA, a], [qidB, b]) => b - a || qidA - qidB).map(([qid]) => qid);
}

/** Sorts rows into series: by run (first seen), queue, stage. Times become seconds since the run's earliest bin. */
export function seriesOf(rows: readonly OccupancyRow[], qids: readonly number[]): Series[] {
  const originS = new Map<string, number>();
  const bySeries = new Map<string, OccupancyRow[]>();
  for (const row of rows) {
    const run = printable(row.run);
    originS.set(run, Math.min(originS.get(run) ?? Infinity, row.startS));
    const key = `${row.qid} ${row.stage} ${run}`;
    const own = bySeries.get(key);
    if (own === undefined) bySeries.set(key, [row]);
    else own.push(row);
  }
  return [...originS].flatMap(([run, fromS]) =>
    qids.flatMap((qid) =>
      STAGES.flatMap((stage) => {
        const own = bySeries.get(`${qid} ${stage} ${run}`);
        if (own === undefined) return [];
        const shifted = own.map((row) => ({ ...row, run, startS: row.startS - fromS, endS: row.endS - fromS }));
        return [{ run, qid, stage, rows: shifted.toSorted((a, b) => a.startS - b.startS) }];
      }),
    ),
  );
}

/** What one series comes down to. */
interface SeriesSummary {
  /** Median over the bins of their medians. */
  readonly typical: number;
  readonly peak: number;
  /** Start of the first bin that reaches the peak. */
  readonly peakAtS: number;
}

function summaryOf(series: Series): SeriesSummary {
  const peak = Math.max(...series.rows.map((row) => row.max));
  const at = ensure(series.rows.find((row) => row.max === peak), 'bin of the peak');
  return { typical: quantileSorted(ascending(series.rows.map((row) => row.median)), 0.5), peak, peakAtS: at.startS };
}

/** "recorded, queue 1: SQ waiting typically 4, at most 32 entries; ..." */
export function seriesInWords(all: readonly Series[]): string {
  const panels = new Map<string, string[]>();
  for (const series of all) {
    const { typical, peak } = summaryOf(series);
    const panel = `${series.run}, queue ${series.qid}`;
    panels.set(panel, [...(panels.get(panel) ?? []), `${series.stage} typically ${typical}, at most ${peak}`]);
  }
  return [...panels].map(([panel, stages]) => `${panel}: ${stages.join('; ')}.`).join(' ');
}

/** One row per run, queue and stage. */
export function summaryTable(all: readonly Series[]): DataTable {
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'which run', kind: 'text' },
      { key: 'qid', title: 'queue', meaning: 'queue identifier', kind: 'count' },
      { key: 'stage', title: 'stage', meaning: 'where the entries are', kind: 'text' },
      {
        key: 'typical_entries',
        title: 'typical entries',
        meaning: 'median over the time bins of their median entries',
        kind: 'number',
        digits: 1,
      },
      { key: 'peak_entries', title: 'peak entries', meaning: 'most entries at any moment', kind: 'count' },
      {
        key: 'peak_at_s',
        title: 'peak at (s)',
        meaning: 'start of the first time bin that reaches the peak, since the start of the window',
        kind: 'number',
        digits: 6,
      },
    ],
    rows: all.map((series) => {
      const { typical, peak, peakAtS } = summaryOf(series);
      const { run, qid, stage } = series;
      return { run, qid, stage, typical_entries: typical, peak_entries: peak, peak_at_s: peakAtS };
    }),
  };
}

/** One row per run, queue, stage and time bin. */
export function binTable(all: readonly Series[]): DataTable {
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'which run', kind: 'text' },
      { key: 'qid', title: 'queue', meaning: 'queue identifier', kind: 'count' },
      { key: 'stage', title: 'stage', meaning: 'where the entries are', kind: 'text' },
      { key: 'start_s', title: 'start (s)', meaning: 'start of the bin since that of the window', kind: 'number', digits: 9 },
      { key: 'end_s', title: 'end (s)', meaning: 'end of the bin since the start of the window', kind: 'number', digits: 9 },
      { key: 'min_entries', title: 'min', meaning: 'fewest entries in the bin', kind: 'count' },
      { key: 'median_entries', title: 'median', meaning: 'time-weighted median in the bin', kind: 'number' },
      { key: 'max_entries', title: 'max', meaning: 'most entries in the bin', kind: 'count' },
    ],
    rows: all.flatMap((series) =>
      series.rows.map((row) => ({
        run: row.run,
        qid: row.qid,
        stage: row.stage,
        start_s: row.startS,
        end_s: row.endS,
        min_entries: row.min,
        median_entries: row.median,
        max_entries: row.max,
      })),
    ),
  };
}
