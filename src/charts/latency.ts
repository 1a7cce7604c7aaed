// Latency by stage: for each step of a command's way the time that it took, as percentile curves, run over run.

import type { TopLevelSpec } from 'vega-lite';
import { formatNs } from '../base/units.js';
import { checkedPx, DEFAULT_WIDTH_PX, nothingToDraw } from './options.js';
import { frameOf, LEGEND_PX, SCHEMA, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { COLOUR, PADDING_PX, RUNS } from './theme.js';

/** The steps, in the order of a command's way; `whole` is from the first to the last moment that is known. */
export const LATENCY_STAGES = ['SQ waiting', 'in device', 'CQ unreaped', 'whole'] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

/** The p-quantile of one stage's time. */
export interface LatencyRow {
  readonly run: (typeof RUNS)[number]['run'];
  readonly stage: LatencyStage;
  /** In 0 .. 1, below 1. */
  readonly quantile: number;
  readonly ns: number;
}

/** The quantiles that a curve is drawn through: finer towards the tail. */
export const QUANTILES: readonly number[] = [
  ...Array.from({ length: 19 }, (_, i) => i / 20),
  0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.997, 0.998, 0.999,
];

const MIN_PANEL_PX = 70;
const GAP_PX = 16;
const Y_AXIS_PX = 78;
const HEADER_PX = 26;
/** Times below are drawn here: a logarithmic axis has no 0. */
const LEAST_NS = 100;
/** The legend; in two columns where panels are. */
const STROKES = { title: null, symbolType: 'stroke', symbolStrokeWidth: 2.5, symbolSize: 900, symbolOpacity: 1, symbolFillColor: 'transparent' } as const;

/** The chart of latencies: a panel for each stage, all with the same axes. */
export function latencyChart(rows: readonly LatencyRow[], options: ChartOptions = {}): Chart {
  if (rows.length === 0) throw nothingToDraw('latency', 'the capture shows no stage of a command from both ends');
  const stages = LATENCY_STAGES.filter((stage) => rows.some((row) => row.stage === stage));
  const runs = RUNS.filter(({ run }) => rows.some((row) => row.run === run));
  const widthPx = checkedPx('width', options.widthPx, DEFAULT_WIDTH_PX);
  // Where they would be too narrow beside each other, they stand in two rows.
  const columns = panelsOf(widthPx, stages.length).panelPx < MIN_PANEL_PX ? 2 : stages.length;
  const rowCount = Math.ceil(stages.length / columns);
  const { panelPx, restPx } = panelsOf(widthPx, columns);
  const { frame, plotPx } = frameOf(
    {
      id: 'latency',
      title: 'Latency by stage',
      reading: [
        'Curves: the share of commands (x) whose time in that stage was at most so long (y, logarithmic).',
        ...(rows.some((row) => row.ns < LEAST_NS) ? [`Times below ${LEAST_NS} ns are drawn there.`] : []),
      ],
      aroundPx: X_AXIS_PX + (rowCount === 1 ? 1 : Math.ceil(runs.length / 2)) * LEGEND_PX + rowCount * HEADER_PX + (rowCount - 1) * GAP_PX,
      plotPx: rowCount === 1 ? 210 : 300,
    },
    options,
  );
  return {
    ...frame,
    alt: `Percentile curves of latency. ${runs.flatMap(({ run }) => stages.map((stage) => inWords(rows, run, stage))).filter((text) => text !== '').join(' ')}`,
    series: runs.map(({ run }) => run),
    spec: specOf(rows, stages, runs, { columns, panelPx, plotPx: Math.max(Math.floor(plotPx / rowCount), MIN_PANEL_PX), restPx }),
    data: curveTable(rows),
    summary: summaryTable(rows),
  };
}

/** The width of each of so many panels, and what is left over. */
function panelsOf(widthPx: number, columns: number): { readonly panelPx: number; readonly restPx: number } {
  const forPanelsPx = widthPx - 2 * PADDING_PX - Y_AXIS_PX - (columns - 1) * GAP_PX;
  return { panelPx: Math.floor(forPanelsPx / columns), restPx: forPanelsPx % columns };
}

/** Where a quantile stands on the x axis: each further nine takes as much room. */
function nines(quantile: number): number {
  return -Math.log10(1 - quantile);
}

function specOf(rows: readonly LatencyRow[], stages: readonly LatencyStage[], runs: readonly (typeof RUNS)[number][], { columns, panelPx, plotPx, restPx }: { readonly columns: number; readonly panelPx: number; readonly plotPx: number; readonly restPx: number }): TopLevelSpec {
  const values = rows.map(({ run, stage, quantile, ns }) => ({
    run,
    stage,
    x: nines(quantile),
    us: Math.max(ns, LEAST_NS) / 1000,
    tip: `${run}: ${percentileName(quantile)} ${formatNs(ns)}, ${stage}`,
  }));
  const names = runs.map(({ run }) => run);
  const legend = columns === stages.length ? STROKES : { ...STROKES, columns: 2 };
  const color = { field: 'run', type: 'nominal', scale: { domain: names, range: runs.map(({ colour }) => colour) }, legend } as const;
  const strokeDash = { field: 'run', type: 'nominal', scale: { domain: names, range: runs.map(({ dash }) => [...dash]) }, legend } as const;
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [0, 3] as [number, number], nice: false },
    axis: {
      title: 'percentile',
      values: [nines(0.5), 1, 2, 3] as number[],
      labelExpr: "datum.value < 0.9 ? '50' : datum.value < 1.5 ? '90' : datum.value < 2.5 ? '99' : '99.9'",
      labelFlush: true,
    },
  } as const;
  const decades = decadesOf(values.map(({ us }) => us));
  const y = {
    field: 'us',
    type: 'quantitative',
    scale: { type: 'log', nice: false, domain: [decades[0]!, decades.at(-1)!] as [number, number] },
    axis: {
      title: 'time',
      values: decades,
      labelExpr: "datum.value < 1 ? format(datum.value * 1000, '~r') + ' ns' : datum.value < 1000 ? format(datum.value, '~r') + ' µs' : datum.value < 1000000 ? format(datum.value / 1000, '~r') + ' ms' : format(datum.value / 1000000, '~r') + ' s'",
    },
  } as const;
  const stage = { field: 'stage', type: 'nominal', sort: [...stages], header: { title: null, labelPadding: 6 } } as const;
  const facet = columns === stages.length ? { facet: { column: stage } } : { facet: stage, columns };
  return {
    $schema: SCHEMA,
    data: { values },
    ...facet,
    spacing: columns === stages.length ? GAP_PX : { row: GAP_PX + HEADER_PX, column: GAP_PX },
    bounds: 'flush',
    padding: { left: PADDING_PX, top: PADDING_PX, right: PADDING_PX + restPx, bottom: PADDING_PX },
    spec: {
      width: panelPx,
      height: plotPx,
      view: { stroke: COLOUR.axis, strokeWidth: 0.5 },
      layer: [
        { mark: { type: 'line', strokeWidth: 2.5, aria: true }, encoding: { x, y, color, strokeDash, description: { field: 'run', type: 'nominal' } } },
        // Marks to point at: a line has no place for what a percentile is.
        { mark: { type: 'point', size: 30, filled: true, fillOpacity: 0, strokeOpacity: 0, aria: true }, encoding: { x, y, color, description: { field: 'tip', type: 'nominal' } } },
      ],
    },
  } as TopLevelSpec;
}

/** Powers of ten from at or below the least value to at or above the largest. */
function decadesOf(values: readonly number[]): number[] {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.max(Math.ceil(Math.log10(Math.max(...values))), from + 1);
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}

function percentileName(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(2))}`;
}

function at(rows: readonly LatencyRow[], run: string, stage: string, quantile: number): number | undefined {
  return rows.find((row) => row.run === run && row.stage === stage && row.quantile === quantile)?.ns;
}

function inWords(rows: readonly LatencyRow[], run: string, stage: LatencyStage): string {
  const [median, tail] = [at(rows, run, stage, 0.5), at(rows, run, stage, 0.99)];
  return median === undefined || tail === undefined ? '' : `${run}, ${stage}: median ${formatNs(median)}, 99th percentile ${formatNs(tail)}.`;
}

function summaryTable(rows: readonly LatencyRow[]): DataTable {
  const shown = [0.5, 0.9, 0.99, 0.999];
  const keys = [...new Set(rows.map(({ run, stage }) => `${run}\n${stage}`))];
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'recorded, predicted or captured', kind: 'text' },
      { key: 'stage', title: 'stage', meaning: 'where the command was', kind: 'text' },
      ...shown.map((q) => ({ key: `${percentileName(q).replace('.', '_')}_us`, title: `${percentileName(q)} (µs)`, meaning: `${q * 100} % of the commands took at most this`, kind: 'number' as const, digits: 1 })),
    ],
    rows: keys.map((key) => {
      const [run = '', stage = ''] = key.split('\n');
      const times = shown.map((q) => {
        const ns = at(rows, run, stage, q);
        return [`${percentileName(q).replace('.', '_')}_us`, ns === undefined ? null : ns / 1000] as const;
      });
      return { run, stage, ...Object.fromEntries(times) };
    }),
  };
}

function curveTable(rows: readonly LatencyRow[]): DataTable {
  return {
    columns: [
      { key: 'run', title: 'run', meaning: 'recorded, predicted or captured', kind: 'text' },
      { key: 'stage', title: 'stage', meaning: 'where the command was', kind: 'text' },
      { key: 'quantile', title: 'quantile', meaning: 'share of the commands that took at most this long', kind: 'number', digits: 4 },
      { key: 'time_ns', title: 'time (ns)', meaning: 'time in the stage', kind: 'count' },
    ],
    rows: rows.map(({ run, stage, quantile, ns }) => ({ run, stage, quantile, time_ns: Math.round(ns) })),
  };
}
