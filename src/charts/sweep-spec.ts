// The drawing of a sweep: a legend, two plots side by side (median and 99th percentile), and the key to their numbers.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { formatNs, formatPercent } from '../base/units.js';
import { type Place, placeLabels, rangesText } from './labels.js';
import { SCHEMA } from './plot.js';
import type { NamedRow } from './sweep.js';
import { type Axis, latencyAxis, writesAxis } from './sweep-axes.js';
import { colourOf, type KeyItem, type Layout, type LegendItem, LINES, POLLING, STATUSES, SYMBOL_PX } from './sweep-key.js';
import { textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX } from './theme.js';

export const PANELS = [
  { title: 'median', of: 'addedP50Ns' },
  { title: '99th percentile', of: 'addedP99Ns' },
] as const;
type Panel = (typeof PANELS)[number];

export const PANEL_TITLE_PX = 20;
export const VIEW_GAP_PX = 10;
const TICKS_PX = 44;
/** With the axis' title. */
const Y_AXIS_PX = TICKS_PX + 22;
const PANEL_GAP_PX = 14;
/** Room for the whole title of an axis. */
const WIDE_PX = 190;
/** Marks nearer to each other share a label. */
const SAME_PX = 4;

/** Positions in pixels: no scale, no axis. */
const PX = { x: { field: 'x', type: 'quantitative', scale: null, axis: null }, y: { field: 'y', type: 'quantitative', scale: null, axis: null } } as const;
const TO = { x2: { field: 'x2' }, y2: { field: 'y2' } } as const;
/** What the data say themselves. */
const OWN = { color: { field: 'colour', type: 'nominal', scale: null, legend: null } } as const;
const SIZED = { size: { field: 'area', type: 'quantitative', scale: null, legend: null } } as const;

/** "+12.5 us", "−1.2 ms". */
export function signedTime(ns: number): string {
  return ns === 0 ? '0' : `${ns < 0 ? '−' : '+'}${formatNs(Math.abs(ns))}`;
}

export interface SweepLayout {
  /** Width within the image's margins. */
  readonly insidePx: number;
  readonly plotPx: number;
  readonly legend: Layout<LegendItem>;
  readonly key: Layout<KeyItem>;
}

/** The spec without heading. */
export function sweepSpec(rows: readonly NamedRow[], { insidePx, plotPx, legend, key }: SweepLayout): TopLevelSpec {
  const panelPx = Math.floor((insidePx - PANELS.length * Y_AXIS_PX - (PANELS.length - 1) * PANEL_GAP_PX) / PANELS.length);
  const x = writesAxis(rows.map(({ mmioPerIo }) => mmioPerIo), panelPx);
  const spec = {
    $schema: SCHEMA,
    padding: PADDING_PX,
    spacing: VIEW_GAP_PX,
    vconcat: [
      textView(legend, insidePx, legendLayers(legend.items)),
      { spacing: PANEL_GAP_PX, hconcat: PANELS.map((panel) => panelView(panel, rows, x, panelPx, plotPx)) },
      textView(key, insidePx, keyLayers(key.items)),
    ],
  };
  // Its parts are put together from constants whose types Vega-Lite's unions don't recognise.
  return spec as unknown as TopLevelSpec;
}

interface Drawn {
  readonly row: NamedRow;
  readonly area: number;
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
}

function panelView(panel: Panel, rows: readonly NamedRow[], x: Axis, panelPx: number, plotPx: number): object {
  const { title, of } = panel;
  const y = latencyAxis(rows.map((row) => row[of]!), plotPx);
  const marks = rows.map((row): Drawn => {
    const { area } = POLLING.find(({ below }) => row.pollCpu < below) ?? POLLING[3];
    return { row, area, x: x.toPx(row.mmioPerIo), y: y.toPx(row[of]!), radiusPx: Math.sqrt(area / Math.PI) + 1 };
  });
  const lines = LINES.map((line) => ({ ...line, corners: stairs(marks.filter(({ row }) => row.flaw === '' && row.pollCpu < line.below), panelPx) }));
  const zero = { x: 0, y: y.toPx(0), x2: panelPx, y2: y.toPx(0) };
  const segments = lines.flatMap(({ corners }) => corners.slice(1).map((to, i) => ({ ...corners[i]!, x2: to.x, y2: to.y })));
  const labels = labelsOf(marks, { widthPx: panelPx, heightPx: plotPx, labelPx: FONT_PX.small + 1, lines: [zero, ...segments] });
  return {
    width: panelPx,
    height: plotPx,
    title: { text: title, anchor: 'start', frame: 'group', fontSize: FONT_PX.text, offset: 6 },
    view: { stroke: COLOUR.axis, strokeWidth: 0.5 },
    layer: [
      // The axes are those of a mark that isn't seen; everything else is placed in pixels, as labels must be.
      {
        data: { values: [{ x: x.domain[0], y: y.domain[0] }] },
        mark: { type: 'point', opacity: 0 },
        encoding: {
          x: { field: 'x', type: 'quantitative', scale: { ...x.scale, domain: x.domain, nice: false }, axis: { ...x.axis, title: panelPx < WIDE_PX ? 'writes per command' : 'register writes per command', grid: true } },
          y: { field: 'y', type: 'quantitative', scale: { ...y.scale, domain: y.domain, nice: false }, axis: { ...y.axis, grid: true, minExtent: TICKS_PX, maxExtent: TICKS_PX } },
        },
      },
      { data: { values: [zero] }, mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1 }, encoding: { ...PX, ...TO } },
      ...lines.map(({ colour, dash, corners }) => ({
        data: { values: corners.map((at, order) => ({ ...at, order })) },
        mark: { type: 'line', color: colour, strokeWidth: 1.8, strokeDash: dash },
        encoding: { ...PX, order: { field: 'order', type: 'quantitative' } },
      })),
      { data: { values: labels.filter(({ isFar }) => isFar) }, mark: { type: 'rule', color: COLOUR.axis, strokeWidth: 0.7 }, encoding: { ...PX, ...TO } },
      // What matters most lies on top.
      ...[STATUSES[1], STATUSES[0], STATUSES[2]].map((status) => marksLayer(status, marks, panel)),
      // A far label stands on the end of its line.
      { data: { values: labels.filter(({ isFar }) => isFar) }, mark: { type: 'rect', color: COLOUR.paper }, encoding: { x: { ...PX.x, field: 'left' }, y: { ...PX.y, field: 'top' }, x2: { field: 'right' }, y2: { field: 'bottom' } } },
      { data: { values: labels }, mark: { type: 'text', align: 'center', baseline: 'middle', fontSize: FONT_PX.small }, encoding: { ...PX, ...OWN, text: { field: 'text', type: 'nominal' } } },
    ],
  };
}

function marksLayer({ status, shape, filled, colour, strokePx }: (typeof STATUSES)[number], marks: readonly Drawn[], { title, of }: Panel): object {
  return {
    data: { values: marks.filter(({ row }) => row.status === status).map(({ row, area, x, y }) => ({ x, y, area, tip: `${status}: ${tipOf(row, row[of]!, title)}` })) },
    mark: { type: 'point', shape, stroke: colour, fill: filled ? colour : COLOUR.paper, strokeWidth: strokePx, opacity: 1, fillOpacity: filled ? 0.9 : 0.5, aria: true },
    encoding: { ...PX, ...SIZED, description: { field: 'tip', type: 'nominal' } },
  };
}

function tipOf({ number, name, mmioPerIo, pollCpu, flaw }: NamedRow, addedNs: number, title: string): string {
  return `${number === null ? '' : `${number} `}${name}, ${mmioPerIo.toFixed(4)} writes per command, ${title} ${signedTime(addedNs)}, polling ${formatPercent(pollCpu)}${flaw === '' ? '' : `, ${printable(flaw)}`}`;
}

type Label = Place & { readonly text: string; readonly x2: number; readonly y2: number; readonly left: number; readonly right: number; readonly top: number; readonly bottom: number; readonly colour: string };

/** The numbers of marks, in their colour; marks of one kind in one place have one label. */
function labelsOf(marks: readonly Drawn[], plot: Parameters<typeof placeLabels>[2]): readonly Label[] {
  const groups: Drawn[][] = [];
  for (const mark of marks.filter(({ row }) => row.number !== null)) {
    const near = groups.find(([first]) => first!.row.status === mark.row.status && Math.abs(first!.x - mark.x) < SAME_PX && Math.abs(first!.y - mark.y) < SAME_PX);
    if (near === undefined) groups.push([mark]);
    else near.push(mark);
  }
  const wanted = groups.map((group) => {
    const text = rangesText(group.map(({ row }) => row.number!));
    const mark = group[0]!;
    return { mark, text, colour: colourOf(mark.row), widthPx: textWidthPx(text, FONT_PX.small) };
  });
  const halfPx = plot.labelPx / 2;
  return placeLabels(wanted, marks, plot).flatMap((place, i) => {
    if (place === null) return [];
    const { mark, text, colour, widthPx } = wanted[i]!;
    const { x, y } = place;
    return [{ ...place, text, colour, x2: mark.x, y2: mark.y, left: x - widthPx / 2 - 1, right: x + widthPx / 2 + 1, top: y - halfPx, bottom: y + halfPx }];
  });
}

/** The least latency that any of the marks has with at most so many writes, as a line of steps, from left to right. */
function stairs(marks: readonly Drawn[], panelPx: number): readonly { readonly x: number; readonly y: number }[] {
  const corners: { x: number; y: number }[] = [];
  // Lower in the plot is a shorter latency: pixels grow downwards.
  for (const { x, y } of marks.toSorted((a, b) => a.x - b.x || b.y - a.y)) {
    const last = corners.at(-1);
    if (last !== undefined && y <= last.y) continue;
    if (last !== undefined) corners.push({ x, y: last.y });
    corners.push({ x, y });
  }
  const last = corners.at(-1);
  return last === undefined ? [] : [...corners, { x: panelPx, y: last.y }];
}

/** A view of symbols and texts, which begins at the left edge of the picture and not at that of the plots. */
function textView({ heightPx }: Pick<Layout<KeyItem>, 'heightPx'>, insidePx: number, layer: readonly object[]): object {
  return { width: insidePx - Y_AXIS_PX, height: heightPx, view: { stroke: null }, layer };
}

function legendLayers(items: readonly LegendItem[]): readonly object[] {
  const points = items.flatMap(({ what, x, y }) => {
    const at = { x: x - Y_AXIS_PX + SYMBOL_PX / 2 - 2, y };
    if (what.is === 'status') return [{ ...at, area: 70, status: what.status }];
    return what.is === 'polling' ? [{ ...at, area: what.area, status: STATUSES[1] }] : [];
  });
  return [
    ...points.map(({ status: { shape, filled, colour, strokePx }, ...at }) => ({
      data: { values: [at] },
      mark: { type: 'point', shape, stroke: colour, fill: filled ? colour : COLOUR.paper, strokeWidth: strokePx, opacity: 1 },
      encoding: { ...PX, ...SIZED },
    })),
    ...items.flatMap(({ what, x, y }) =>
      what.is === 'line'
        ? [{ data: { values: [{ x: x - Y_AXIS_PX, y, x2: x - Y_AXIS_PX + SYMBOL_PX - 4 }] }, mark: { type: 'rule', color: what.line.colour, strokeWidth: 1.8, strokeDash: what.line.dash }, encoding: { ...PX, x2: TO.x2 } }]
        : [],
    ),
    {
      data: { values: items.map(({ text, what, x, y }) => ({ x: x - Y_AXIS_PX + (what.is === 'heading' ? 0 : SYMBOL_PX), y, text })) },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_PX.small, color: COLOUR.ink },
      encoding: { ...PX, text: { field: 'text', type: 'nominal' } },
    },
  ];
}

function keyLayers(items: readonly KeyItem[]): readonly object[] {
  const texts = (weight: KeyItem['weight'], field: 'text' | 'number'): object => ({
    data: { values: items.filter((item) => item.weight === weight && item[field] !== '').map((item) => ({ ...item, x: item.x - Y_AXIS_PX - (field === 'number' ? 6 : 0) })) },
    mark: { type: 'text', align: field === 'number' ? 'right' : 'left', baseline: 'middle', fontSize: FONT_PX.small, fontWeight: weight },
    encoding: { ...PX, ...OWN, text: { field, type: 'nominal' } },
  });
  return (['bold', 'normal'] as const).flatMap((weight) => [texts(weight, 'number'), texts(weight, 'text')]);
}
