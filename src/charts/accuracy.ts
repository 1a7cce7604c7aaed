// Accuracy: predicted against captured saved fraction, a point for each prediction, with both intervals.

import type { TopLevelSpec } from 'vega-lite';
import { usageError } from '../base/errors.js';
import { printable } from '../base/text.js';
import { formatPercent, plural } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { frameOf, LEGEND_PX, SCHEMA, PERCENT_LABELS, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { COLOUR } from './theme.js';

/** One prediction of a saved fraction, and what captures of what was predicted showed. */
export interface AccuracyRow {
  readonly label: string;
  readonly predicted: number;
  /** The predicted interval. */
  readonly low: number;
  readonly high: number;
  /** Mean of the captures, and their range. */
  readonly captured: number;
  readonly capturedLow: number;
  readonly capturedHigh: number;
}

/** Points drawn at most. */
export const MAX_PREDICTIONS = 1000;
/** With more, names would lie on each other. */
const MAX_NAMED = 8;
const GROUPS = ['captured mean within the predicted interval', 'outside of it'] as const;

/** The chart of predictions against captures. On the diagonal a prediction was right. */
export function accuracyChart(rows: readonly AccuracyRow[], options: ChartOptions = {}): Chart {
  if (rows.length === 0) throw nothingToDraw('accuracy', 'no prediction was compared');
  if (rows.length > MAX_PREDICTIONS) throw usageError(`${plural(rows.length, 'prediction')} to draw; at most ${MAX_PREDICTIONS} can be shown`);
  const meanError = rows.reduce((sum, row) => sum + Math.abs(row.predicted - row.captured), 0) / rows.length;
  const covered = rows.filter(isCovered).length;
  const { frame, plotPx } = frameOf(
    {
      id: 'accuracy',
      title: `Predicted against captured saved fraction: off by ${(meanError * 100).toFixed(1)} points on average`,
      reading: [
        `${plural(rows.length, 'prediction')}; ${covered} of them ${covered === 1 ? 'has' : 'have'} the captured mean within the 90 % interval.`,
        'On the diagonal a prediction was right. Horizontal line: predicted interval; vertical line: range of the captures.',
      ],
      aroundPx: X_AXIS_PX + LEGEND_PX,
      plotPx: 360,
    },
    options,
  );
  const table = tableOf(rows);
  return {
    ...frame,
    alt: `Predicted and captured saved fractions. ${rows.slice(0, 30).map((row) => `${printable(row.label)}: predicted ${formatPercent(row.predicted)}, captured ${formatPercent(row.captured)}`).join('; ')}.`,
    series: GROUPS,
    spec: specOf(rows, frame.widthPx, plotPx),
    data: table,
    summary: table,
  };
}

function isCovered({ captured, low, high }: AccuracyRow): boolean {
  return captured >= low && captured <= high;
}

function specOf(rows: readonly AccuracyRow[], widthPx: number, plotPx: number): TopLevelSpec {
  const values = rows.map((row) => {
    const group = GROUPS[isCovered(row) ? 0 : 1];
    const text = `${printable(row.label)}, predicted ${formatPercent(row.predicted)}, captured ${formatPercent(row.captured)}`;
    return { ...row, label: printable(row.label), group, tip: `${group}: ${text}` };
  });
  const all = values.flatMap((value) => [value.low, value.high, value.capturedLow, value.capturedHigh, value.predicted, value.captured]);
  const [least, most] = [Math.min(0, ...all), Math.max(1, ...all)];
  const scale = { domain: [least, most] as [number, number], nice: false };
  const x = { field: 'predicted', type: 'quantitative', scale, axis: { title: 'predicted saved fraction', labelExpr: PERCENT_LABELS, tickCount: 6 } } as const;
  const y = { field: 'captured', type: 'quantitative', scale, axis: { title: 'captured saved fraction', labelExpr: PERCENT_LABELS, tickCount: 6 } } as const;
  const color = {
    field: 'group',
    type: 'nominal',
    scale: { domain: [...GROUPS], range: [COLOUR.blue, COLOUR.vermilion] },
    legend: { title: null, symbolOpacity: 1 },
  } as const;
  const shape = { field: 'group', type: 'nominal', scale: { domain: [...GROUPS], range: ['circle', 'cross'] }, legend: { title: null, symbolOpacity: 1 } } as const;
  // A name stands left of its point, which keeps it off the diagonal; near the axis there is no room for that.
  const named = (filter: string, align: 'left' | 'right') => ({
    transform: [{ filter }],
    mark: { type: 'text', align, baseline: 'bottom', dx: align === 'left' ? 7 : -7, dy: -5, color: COLOUR.ink, limit: widthPx / 4 } as const,
    encoding: { x, y, text: { field: 'label', type: 'nominal' } } as const,
  });
  const middle = least + (most - least) * 0.3;
  const names = values.length > MAX_NAMED ? [] : [named(`datum.predicted < ${middle}`, 'left'), named(`datum.predicted >= ${middle}`, 'right')];
  return {
    $schema: SCHEMA,
    width: widthPx,
    height: plotPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values },
    layer: [
      {
        data: { values: [{ from: least, to: most }] },
        mark: { type: 'rule', color: COLOUR.axis, strokeDash: [4, 4] },
        encoding: { x: { ...x, field: 'from' }, y: { ...y, field: 'from' }, x2: { field: 'to' }, y2: { field: 'to' } },
      },
      { mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.6 }, encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color } },
      { mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.6 }, encoding: { x, y: { ...y, field: 'capturedLow' }, y2: { field: 'capturedHigh' }, color } },
      { mark: { type: 'point', filled: true, size: 70, opacity: 1, aria: true }, encoding: { x, y, color, shape, description: { field: 'tip', type: 'nominal' } } },
      ...names,
    ],
  };
}

function tableOf(rows: readonly AccuracyRow[]): DataTable {
  const fraction = { kind: 'number' } as const;
  return {
    columns: [
      { key: 'label', title: 'prediction', meaning: 'what was predicted from', kind: 'text' },
      { key: 'predicted', title: 'predicted', meaning: 'predicted saved fraction', ...fraction },
      { key: 'low', title: 'low', meaning: 'lower end of its 90 % interval', ...fraction },
      { key: 'high', title: 'high', meaning: 'upper end of its 90 % interval', ...fraction },
      { key: 'captured', title: 'captured', meaning: 'mean captured saved fraction', ...fraction },
      { key: 'captured_low', title: 'captured, least', meaning: 'least of the captures', ...fraction },
      { key: 'captured_high', title: 'captured, most', meaning: 'most of the captures', ...fraction },
      { key: 'error', title: 'error', meaning: 'predicted minus captured', ...fraction },
    ],
    rows: rows.map((row) => ({
      label: printable(row.label),
      predicted: row.predicted,
      low: row.low,
      high: row.high,
      captured: row.captured,
      captured_low: row.capturedLow,
      captured_high: row.capturedHigh,
      error: row.predicted - row.captured,
    })),
  };
}
