// The saved fraction: what a model predicts, what simple predictors give, what captures showed. One dot each, with intervals.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { formatPercent } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { frameOf, SCHEMA, PERCENT_LABELS, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { clipText, textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX } from './theme.js';

const KINDS = {
  model: { colour: COLOUR.vermilion, shape: 'circle', filled: true },
  captured: { colour: COLOUR.blue, shape: 'diamond', filled: true },
  simple: { colour: COLOUR.grey, shape: 'circle', filled: false },
} as const;

/** One saved fraction: 1 - MMIO doorbell writes / those of the baseline. */
export interface SavedRow {
  readonly label: string;
  readonly kind: keyof typeof KINDS;
  readonly fraction: number;
  /** Its interval; what it is, the label's note says. */
  readonly low?: number;
  readonly high?: number;
  readonly note?: string;
}

const ROW_PX = 34;
const GAP_PX = 10;
const MAX_LABEL_SHARE = 0.34;

/** The chart of saved fractions, a row each, in the order given. */
export function savedChart(rows: readonly SavedRow[], options: ChartOptions = {}): Chart {
  if (rows.length === 0) throw nothingToDraw('saved', 'no row was given');
  const { frame, plotPx } = frameOf(
    {
      id: 'saved',
      title: 'Saved fraction of MMIO doorbell writes',
      reading: ['Filled circle: prediction; diamond: captured; ring: predictor without a model. Line: interval, or range of several captures.'],
      aroundPx: X_AXIS_PX,
      plotPx: rows.length * ROW_PX,
    },
    options,
  );
  const table = tableOf(rows);
  return {
    ...frame,
    alt: `Saved fractions. ${rows.map((row) => `${printable(row.label)}: ${valueText(row)}`).join('; ')}.`,
    spec: specOf(rows, frame.widthPx, plotPx),
    data: table,
    summary: table,
  };
}

function specOf(rows: readonly SavedRow[], widthPx: number, plotPx: number): TopLevelSpec {
  const maxLabelPx = widthPx * MAX_LABEL_SHARE;
  const values = rows.map((row, i) => ({
    place: i,
    label: printable(row.label),
    kind: row.kind,
    fraction: row.fraction,
    low: row.low ?? null,
    high: row.high ?? null,
    end: Math.max(row.fraction, row.high ?? row.fraction),
    text: valueText(row),
    tip: `${printable(row.label)}: ${valueText(row)}`,
  }));
  const least = Math.min(0, ...values.map((value) => value.low ?? value.fraction));
  const labelPx = Math.min(Math.max(...values.map(({ label }) => textWidthPx(label, FONT_PX.text))), maxLabelPx) + GAP_PX;
  const plotWidthPx = widthPx - labelPx - 2 * PADDING_PX - GAP_PX;
  // The largest value of the axis for which each text still ends inside the plot.
  const spanPx = (text: string): number => Math.max(plotWidthPx - textWidthPx(text, FONT_PX.text, true) - 2 * GAP_PX, plotWidthPx * 0.3);
  const most = Math.max(1, ...values.map(({ end, text }) => least + ((end - least) * plotWidthPx) / spanPx(text)));
  const y = {
    field: 'place',
    type: 'ordinal',
    axis: {
      title: null,
      labelExpr: `[${values.map(({ label }) => JSON.stringify(clipText(label, maxLabelPx, FONT_PX.text))).join(',')}][datum.value]`,
      ticks: false,
      labelPadding: GAP_PX,
      domain: false,
      grid: false,
    },
  } as const;
  const x = {
    type: 'quantitative',
    scale: { domain: [least, most] as [number, number], nice: false },
    axis: { title: 'saved fraction of the baseline', titleAnchor: 'start', labelExpr: PERCENT_LABELS, values: percents(least), grid: true },
  } as const;
  const dots = (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => {
    const { colour, shape, filled } = KINDS[kind];
    const transform = [{ filter: `datum.kind === '${kind}'` }];
    return {
      transform,
      mark: { type: 'point', shape, filled, size: 90, stroke: colour, fill: filled ? colour : COLOUR.paper, strokeWidth: 2, opacity: 1, aria: true },
      encoding: { x: { ...x, field: 'fraction' }, description: { field: 'tip', type: 'nominal' } },
    } as const;
  });
  return {
    $schema: SCHEMA,
    width: widthPx,
    height: plotPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values },
    encoding: { y },
    layer: [
      {
        transform: [{ filter: 'datum.low !== null && datum.high !== null' }],
        mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 2 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      ...dots,
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: GAP_PX, fontWeight: 'bold', color: COLOUR.ink },
        encoding: { x: { ...x, field: 'end' }, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}

/** Round values from the least up to 100 %. */
function percents(least: number): number[] {
  const from = Math.ceil(Math.max(least, -4) * 4) / 4;
  return Array.from({ length: Math.round((1 - from) * 4) + 1 }, (_, i) => from + i / 4);
}

/** "91.3 % [87.9 – 93.5 %]" */
function valueText({ fraction, low, high }: SavedRow): string {
  const interval = low === undefined || high === undefined ? '' : ` [${(low * 100).toFixed(1)} – ${formatPercent(high)}]`;
  return `${formatPercent(fraction)}${interval}`.replaceAll('-', '−');
}

function tableOf(rows: readonly SavedRow[]): DataTable {
  return {
    columns: [
      { key: 'label', title: 'where from', meaning: 'how the fraction came about', kind: 'text' },
      { key: 'kind', title: 'kind', meaning: 'model: a prediction; simple: a predictor without a model; captured: counted', kind: 'text' },
      { key: 'saved_fraction', title: 'saved', meaning: '1 - MMIO doorbell writes / those of the baseline', kind: 'number' },
      { key: 'low', title: 'low', meaning: 'lower end of the interval or range', kind: 'number' },
      { key: 'high', title: 'high', meaning: 'upper end of the interval or range', kind: 'number' },
      { key: 'note', title: 'note', meaning: 'what the interval is of', kind: 'text' },
    ],
    rows: rows.map(({ label, kind, fraction, low, high, note }) => ({
      label: printable(label),
      kind,
      saved_fraction: fraction,
      low: low ?? null,
      high: high ?? null,
      note: note === undefined ? null : printable(note),
    })),
  };
}
