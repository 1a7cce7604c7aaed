// MMIO doorbell writes over time: their rate in each time bin, by side, run below run. Runs have bins of their own widths, which
// counts would make look alike.

import type { TopLevelSpec } from 'vega-lite';
import { usageError } from '../base/errors.js';
import { formatCount, plural } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { durationText, frameOf, LEGEND_PX, SCHEMA, timeUnit, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { textWidthPx } from './text-width.js';
import { FONT_PX, PADDING_PX, SIDES } from './theme.js';

/** Register writes in one time bin. */
export interface RateRow {
  /** 'recorded', 'predicted', ... Runs keep the order of their first row. */
  readonly run: string;
  /** Seconds since the start of the run's window. */
  readonly startS: number;
  readonly endS: number;
  readonly sq: number;
  readonly cq: number;
}

/** Rows drawn at most; each is two bars. */
export const MAX_RATE_ROWS = 1000;
const PANEL_PX = 84;
const TITLE_PX = 22;
const GAP_PX = 16;

/** The chart of writes over time: one panel per run, all with the same axes. */
export function ratesChart(rows: readonly RateRow[], options: ChartOptions = {}): Chart {
  if (rows.length === 0) throw nothingToDraw('rates', 'the window holds no time bin');
  if (rows.length > MAX_RATE_ROWS) throw usageError(`${plural(rows.length, 'time bin')} to draw; at most ${formatCount(MAX_RATE_ROWS)} can be shown`);
  const runs = [...new Set(rows.map((row) => row.run))];
  const widths = runs.map((run) => rows.find((row) => row.run === run)!).map((row) => row.endS - row.startS);
  const { frame, plotPx } = frameOf(
    {
      id: 'rates',
      title: 'MMIO doorbell writes over time',
      reading: [
        `Each bar is the rate within one time bin (${runs.map((run, i) => `${run}: ${durationText(widths[i]!)}`).join(', ')}).`,
        'Time starts with the window; a run that ends earlier leaves the rest of its panel empty.',
      ],
      aroundPx: X_AXIS_PX + LEGEND_PX + runs.length * TITLE_PX + (runs.length - 1) * GAP_PX,
      plotPx: runs.length * PANEL_PX,
    },
    options,
  );
  return {
    ...frame,
    alt: `Bars of MMIO doorbell writes per time bin. ${runs.map((run) => runInWords(run, rows)).join(' ')}`,
    series: SIDES.map(({ name }) => name),
    spec: specOf(rows, runs, frame.widthPx, Math.floor(plotPx / runs.length)),
    data: binTable(rows),
    summary: summaryTable(rows, runs),
  };
}

function specOf(rows: readonly RateRow[], runs: readonly string[], widthPx: number, panelPx: number): TopLevelSpec {
  const windowS = Math.max(...rows.map((row) => row.endS));
  const unit = timeUnit(windowS);
  const most = Math.max(1, ...rows.map((row) => (row.sq + row.cq) / (row.endS - row.startS)));
  const values = rows.flatMap((row) => {
    const where = { run: row.run, start: row.startS * unit.perSecond, end: row.endS * unit.perSecond };
    const perSecond = (writes: number): number => writes / (row.endS - row.startS);
    const when = `${Number(where.start.toPrecision(4))} – ${Number(where.end.toPrecision(4))} ${unit.name}`;
    return SIDES.map(({ side, name }) => ({
      ...where,
      side: name,
      from: perSecond(side === 'sq' ? 0 : row.sq),
      to: perSecond(side === 'sq' ? row.sq : row.sq + row.cq),
      tip: `${name}: ${formatCount(row[side])} writes, ${row.run}, ${when}`,
    })).filter((bar) => bar.to > bar.from);
  });
  const labelsPx = Math.ceil(textWidthPx(formatCount(Math.round(most)), FONT_PX.text)) + 34;
  const panelWidthPx = widthPx - 2 * PADDING_PX - labelsPx;
  const binPx = (panelWidthPx * Math.min(...rows.map((row) => row.endS - row.startS))) / windowS;
  return {
    $schema: SCHEMA,
    // A run without any write still has its panel.
    data: { values: [...values, ...runs.map((run) => ({ run, side: SIDES[0].name, start: 0, end: 0, from: 0, to: 0, tip: '' }))] },
    facet: { row: { field: 'run', type: 'nominal', sort: [...runs], header: { title: null, labelOrient: 'top', labelAnchor: 'start', labelAngle: 0, labelPadding: 4 } } },
    spacing: GAP_PX + TITLE_PX,
    bounds: 'flush',
    spec: {
      width: panelWidthPx,
      height: panelPx,
      // A gap of a pixel, as is usual, would leave little of narrow bars.
      mark: { type: 'bar', binSpacing: Math.min(1, binPx / 6), aria: true },
      encoding: {
        x: {
          field: 'start',
          type: 'quantitative',
          bin: 'binned',
          scale: { domain: [0, windowS * unit.perSecond], nice: false },
          axis: { title: `time (${unit.name})`, format: '~f', grid: false, tickCount: Math.max(2, Math.floor(panelWidthPx / 90)) },
        },
        x2: { field: 'end' },
        y: {
          field: 'from',
          type: 'quantitative',
          scale: { domain: [0, most], nice: false },
          axis: { title: 'writes / s', format: ',d', tickCount: 3, grid: true, domain: false, ticks: false },
        },
        y2: { field: 'to' },
        color: {
          field: 'side',
          type: 'nominal',
          scale: { domain: SIDES.map((s) => s.name), range: SIDES.map((s) => s.colour) },
          legend: { title: null, symbolType: 'square' },
        },
        description: { field: 'tip', type: 'nominal' },
      },
    },
  };
}

function sums(run: string, rows: readonly RateRow[]): { sq: number; cq: number; peak: number; seconds: number } {
  const own = rows.filter((row) => row.run === run);
  return {
    sq: own.reduce((sum, row) => sum + row.sq, 0),
    cq: own.reduce((sum, row) => sum + row.cq, 0),
    peak: Math.max(...own.map((row) => row.sq + row.cq)),
    seconds: Math.max(...own.map((row) => row.endS)),
  };
}

function runInWords(run: string, rows: readonly RateRow[]): string {
  const { sq, cq, peak, seconds } = sums(run, rows);
  return `${run}: ${formatCount(sq)} SQ tail and ${formatCount(cq)} CQ head writes in ${durationText(seconds)}, at most ${formatCount(peak)} in one bin.`;
}

function summaryTable(rows: readonly RateRow[], runs: readonly string[]): DataTable {
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'which run', kind: 'text' },
      { key: 'window_s', title: 'window (s)', meaning: 'length of the window', kind: 'number', digits: 6 },
      { key: 'sq_writes', title: 'SQ tail', meaning: 'SQ tail writes in the window', kind: 'count' },
      { key: 'cq_writes', title: 'CQ head', meaning: 'CQ head writes in the window', kind: 'count' },
      { key: 'writes_per_s', title: 'writes per second', meaning: 'both sides, mean over the window', kind: 'number', digits: 1 },
      { key: 'peak_writes', title: 'most in one bin', meaning: 'both sides, in the fullest time bin', kind: 'count' },
    ],
    rows: runs.map((run) => {
      const { sq, cq, peak, seconds } = sums(run, rows);
      return { run, window_s: seconds, sq_writes: sq, cq_writes: cq, writes_per_s: (sq + cq) / seconds, peak_writes: peak };
    }),
  };
}

function binTable(rows: readonly RateRow[]): DataTable {
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'which run', kind: 'text' },
      { key: 'start_s', title: 'start (s)', meaning: 'start of the bin since that of the window', kind: 'number', digits: 9 },
      { key: 'end_s', title: 'end (s)', meaning: 'end of the bin since the start of the window', kind: 'number', digits: 9 },
      { key: 'sq_writes', title: 'SQ tail', meaning: 'SQ tail writes in the bin', kind: 'count' },
      { key: 'cq_writes', title: 'CQ head', meaning: 'CQ head writes in the bin', kind: 'count' },
    ],
    rows: rows.map(({ run, startS, endS, sq, cq }) => ({ run, start_s: startS, end_s: endS, sq_writes: sq, cq_writes: cq })),
  };
}
