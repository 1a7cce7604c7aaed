// The drawing of the MMIO chart: stacked bars, brackets for intervals, and each bar's numbers at its end.

import type { TopLevelSpec } from 'vega-lite';
import { formatCount } from '../base/units.js';
import { clipText, textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX, SIDES } from './theme.js';

/** One bar: both sides of one label, with the interval of their total. */
export interface Bar {
  readonly label: string;
  readonly sq: number;
  readonly cq: number;
  readonly total: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly note: string | null;
}

/** Height of a bar with its share of the gaps; below the minimum the two lines of text at its end would touch. */
export const BAR_PX = 52;
export const MIN_BAR_PX = 36;
/** Height of the legend and the x axis, with their distances to the plot. */
export const AROUND_BARS_PX = 59;
const GAP_PX = 8;
const MAX_LABEL_SHARE = 0.3;
const MAX_NOTE_SHARE = 0.4;

/** The spec without heading. `plotHeightPx` is the height of the plot alone. */
export function mmioSpec(bars: readonly Bar[], widthPx: number, plotHeightPx: number): TopLevelSpec {
  const maxLabelPx = widthPx * MAX_LABEL_SHARE;
  const labelPx = Math.min(Math.max(...bars.map((bar) => textWidthPx(bar.label, FONT_PX.text))), maxLabelPx) + GAP_PX;
  const plotWidthPx = widthPx - labelPx - 2 * PADDING_PX - GAP_PX;
  const xEnd = axisEnd(bars, plotWidthPx);
  const values = bars.map((bar) => ({
    ...bar,
    from: textStart(bar),
    totalText: totalText(bar),
    detailText: detailText(bar, plotWidthPx),
  }));
  const y = {
    field: 'label',
    type: 'nominal',
    scale: { domain: bars.map((bar) => bar.label), paddingInner: 0.4, paddingOuter: 0.2 },
    axis: { title: null, labelLimit: maxLabelPx, ticks: false, labelPadding: GAP_PX, zindex: 1 },
  } as const;
  const x = {
    type: 'quantitative',
    scale: { domain: [0, xEnd] as [number, number], nice: false },
    axis: {
      title: 'MMIO doorbell writes',
      titleAnchor: 'start',
      format: ',d',
      values: ticks(Math.max(...bars.map(textStart))),
      labelFlush: false,
      grid: false,
      domain: false,
    },
  } as const;
  const bracketEnd = { type: 'tick', color: COLOUR.ink, thickness: 1.5, height: 12, opacity: 1 } as const;
  const behindBar = { align: 'left', baseline: 'middle', dx: GAP_PX } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: widthPx,
    height: plotHeightPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    datasets: { sides: sideValues(bars), bars: values },
    encoding: { y },
    layer: [
      {
        data: { name: 'sides' },
        mark: { type: 'bar', stroke: COLOUR.paper, strokeWidth: 1, aria: true },
        encoding: {
          x: { ...x, field: 'writes', stack: 'zero' },
          color: {
            field: 'side',
            type: 'nominal',
            scale: { domain: SIDES.map((s) => s.name), range: SIDES.map((s) => s.colour) },
            legend: { title: null, symbolType: 'square' },
          },
          order: { field: 'order', type: 'quantitative' },
          description: { field: 'tip', type: 'nominal' },
        },
      },
      {
        data: { name: 'bars' },
        transform: [{ filter: 'datum.low !== null && datum.high !== null' }],
        encoding: { x: { ...x, field: 'low' } },
        // A white line below the dark one keeps the bracket visible on the bar.
        layer: [
          { mark: { type: 'rule', color: COLOUR.paper, strokeWidth: 4 }, encoding: { x2: { field: 'high' } } },
          { mark: { type: 'tick', color: COLOUR.paper, thickness: 4, height: 15, opacity: 1 } },
          { mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.5 }, encoding: { x2: { field: 'high' } } },
          { mark: bracketEnd },
          { mark: bracketEnd, encoding: { x: { ...x, field: 'high' } } },
        ],
      },
      {
        data: { name: 'bars' },
        encoding: { x: { ...x, field: 'from' } },
        layer: [
          {
            mark: { type: 'text', ...behindBar, dy: -8, fontSize: FONT_PX.text, fontWeight: 'bold', color: COLOUR.ink },
            encoding: { text: { field: 'totalText', type: 'nominal' } },
          },
          {
            mark: { type: 'text', ...behindBar, dy: 8, fontSize: FONT_PX.small, color: COLOUR.grey },
            encoding: { text: { field: 'detailText', type: 'nominal' } },
          },
        ],
      },
    ],
  };
}

/** "830 [620–1,100]" */
function totalText(bar: Bar): string {
  const interval = bar.low === null || bar.high === null ? '' : ` [${formatCount(bar.low)}–${formatCount(bar.high)}]`;
  return `${formatCount(bar.total)}${interval}`;
}

/** "420 SQ + 410 CQ, median of 8 seeds" */
function detailText(bar: Bar, plotPx: number): string {
  const note = bar.note === null ? '' : `, ${clipText(bar.note, plotPx * MAX_NOTE_SHARE, FONT_PX.small)}`;
  return `${formatCount(bar.sq)} SQ + ${formatCount(bar.cq)} CQ${note}`;
}

/** The largest value of the x axis for which each bar's text still ends inside the plot. */
function axisEnd(bars: readonly Bar[], plotPx: number): number {
  const ends = bars.map((bar) => {
    const textPx = Math.max(textWidthPx(totalText(bar), FONT_PX.text, true), textWidthPx(detailText(bar, plotPx), FONT_PX.small));
    return (textStart(bar) * plotPx) / Math.max(plotPx - textPx - GAP_PX, plotPx * 0.2);
  });
  return Math.max(...ends, 1);
}

/** Round values up to the largest bar; the room for the text right of it has no ticks. */
function ticks(largest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(largest, 1)));
  const step = Math.max(1, power * ([0.2, 0.5, 1, 2].find((m) => largest / (m * power) < 6) ?? 2));
  return Array.from({ length: Math.floor(largest / step) + 1 }, (_, i) => i * step);
}

/** Where the text of a bar starts: behind the bar and behind its interval. */
function textStart(bar: Bar): number {
  return Math.max(bar.total, bar.high ?? 0);
}

/** One value per bar and side: what the stack is made of. */
function sideValues(bars: readonly Bar[]): { label: string; side: string; order: number; writes: number; tip: string }[] {
  return bars.flatMap((bar) =>
    SIDES.map(({ side, name }, order) => ({ label: bar.label, side: name, order, writes: bar[side], tip: `${name}: ${formatCount(bar[side])} writes, ${bar.label}` })),
  );
}
