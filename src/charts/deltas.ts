// Two measurements of the same things: the relative difference of each metric, with its interval.

import type { TopLevelSpec } from 'vega-lite';
import { usageError } from '../base/errors.js';
import { printable } from '../base/text.js';
import { plural } from '../base/units.js';
import type { Delta } from '../metrics/compare.js';
import { nothingToDraw } from './options.js';
import { frameOf, LEGEND_PX, SCHEMA, X_AXIS_PX, SIGNED_PERCENT_LABELS } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { COLOUR } from './theme.js';

/** Metrics drawn at most. */
export const MAX_METRICS = 60;
const ROW_PX = 22;
const GROUPS = ['beyond noise', 'within noise', 'noise not known'] as const;

/** The chart of relative differences; metrics that are 0 on the first side have none, and stand in the table alone. */
export function deltasChart(deltas: readonly Delta[], names: { readonly a: string; readonly b: string }, options: ChartOptions = {}): Chart {
  const drawn = deltas.filter((delta) => delta.relative !== null);
  if (drawn.length === 0) throw nothingToDraw('compare', 'no metric can be compared in relation to the first side');
  if (drawn.length > MAX_METRICS) throw usageError(`${plural(drawn.length, 'metric')} to draw; at most ${MAX_METRICS} can be shown`);
  const most = axisEnd(drawn);
  const isCut = drawn.some((delta) => Math.max(...(intervalOf(delta) ?? [0]).map(Math.abs)) > most);
  const { frame, plotPx } = frameOf(
    {
      id: 'compare',
      title: `${names.b} compared with ${names.a}`,
      reading: [
        'Difference in per cent of the first; line: its 90 % interval, where it is known. Intervals cover variation within each recording or run.',
        ...(isCut ? ['A line that reaches the edge goes on beyond it.'] : []),
      ],
      aroundPx: X_AXIS_PX + LEGEND_PX,
      plotPx: drawn.length * ROW_PX,
    },
    options,
  );
  const table = tableOf(deltas);
  return {
    ...frame,
    alt: `Relative differences. ${drawn.map((delta) => `${delta.metric}: ${percentText(delta.relative!)}, ${delta.verdict}`).join('; ')}.`,
    series: GROUPS,
    spec: specOf(drawn, most, frame.widthPx, plotPx),
    data: table,
    summary: table,
  };
}

function groupOf({ verdict }: Delta): (typeof GROUPS)[number] {
  if (verdict === 'unknown noise') return 'noise not known';
  return verdict === 'more' || verdict === 'less' ? 'beyond noise' : 'within noise';
}

/** The interval of the relative difference, the lower end first. */
function intervalOf({ a, low, high }: Delta): readonly number[] | null {
  return low === null || high === null ? null : [low / a, high / a].toSorted((x, y) => x - y);
}

/** Where the axis ends on both sides: an interval that is far wider than the differences would flatten all of them. */
function axisEnd(drawn: readonly Delta[]): number {
  return Math.max(0.05, ...drawn.map(({ relative }) => Math.abs(relative!))) * 1.5;
}

function specOf(drawn: readonly Delta[], most: number, widthPx: number, plotPx: number): TopLevelSpec {
  const values = drawn.map((delta) => {
    const relative = delta.relative!;
    const ends = intervalOf(delta);
    const group = groupOf(delta);
    return { metric: printable(delta.metric), relative, low: ends?.[0] ?? null, high: ends?.[1] ?? null, group, tip: `${group}: ${printable(delta.metric)} ${percentText(relative)}` };
  });
  const y = { field: 'metric', type: 'nominal', sort: values.map(({ metric }) => metric), axis: { title: null, labelLimit: widthPx * 0.4, ticks: false, labelPadding: 8, domain: false, grid: true } } as const;
  const x = { type: 'quantitative', scale: { domain: [-most, most] as [number, number], nice: false, clamp: true }, axis: { title: 'difference', labelExpr: SIGNED_PERCENT_LABELS, tickCount: 7 } } as const;
  const color = { field: 'group', type: 'nominal', scale: { domain: [...GROUPS], range: [COLOUR.vermilion, COLOUR.blue, COLOUR.grey] }, legend: { title: null } } as const;
  const shape = { field: 'group', type: 'nominal', scale: { domain: [...GROUPS], range: ['diamond', 'circle', 'square'] }, legend: { title: null } } as const;
  return {
    $schema: SCHEMA,
    width: widthPx,
    height: plotPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values },
    layer: [
      { data: { values: [{ zero: 0 }] }, mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1 }, encoding: { x: { ...x, field: 'zero' } } },
      { transform: [{ filter: 'datum.low !== null' }], mark: { type: 'rule', strokeWidth: 2 }, encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color } },
      { mark: { type: 'point', filled: true, size: 70, opacity: 1, aria: true }, encoding: { x: { ...x, field: 'relative' }, y, color, shape, description: { field: 'tip', type: 'nominal' } } },
    ],
  };
}

function percentText(relative: number): string {
  return `${relative < 0 ? '−' : '+'}${(Math.abs(relative) * 100).toFixed(1)} %`;
}

function tableOf(deltas: readonly Delta[]): DataTable {
  const number = { kind: 'number', digits: 4 } as const;
  return {
    columns: [
      { key: 'metric', title: 'metric', meaning: 'what is measured', kind: 'text' },
      { key: 'unit', title: 'unit', meaning: 'its unit', kind: 'text' },
      { key: 'a', title: 'first', meaning: 'value of the first side', ...number },
      { key: 'b', title: 'second', meaning: 'value of the second side', ...number },
      { key: 'difference', title: 'difference', meaning: 'second minus first', ...number },
      { key: 'low', title: 'low', meaning: 'lower end of the 90 % interval of the difference', ...number },
      { key: 'high', title: 'high', meaning: 'upper end of the 90 % interval of the difference', ...number },
      { key: 'relative', title: 'relative', meaning: 'difference / first', ...number },
      { key: 'verdict', title: 'verdict', meaning: 'whether they differ by more than chance', kind: 'text' },
    ],
    rows: deltas.map(({ metric, unit, a, b, difference, low, high, relative, verdict }) => ({ metric: printable(metric), unit, a, b, difference, low, high, relative, verdict })),
  };
}
