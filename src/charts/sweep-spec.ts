// The drawing of a sweep: a legend, two plots side by side (median and 99th percentile), and the key to their numbers.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { formatNs, formatPercent } from '../base/units.js';
import { placeLabels, rangesText } from './labels.js';
import { SCHEMA } from './plot.js';
import type { NamedRow } from './sweep.js';
import { type Axis, latencyAxis, writesAxis } from './sweep-axes.js';
import { clipText, textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX } from './theme.js';

/** How a configuration did, each told by colour, by shape and by filling. */
export const STATUSES = [
  { status: 'on the frontier', colour: COLOUR.blue, shape: 'circle', filled: true },
  { status: 'beaten by another', colour: COLOUR.grey, shape: 'circle', filled: false },
  { status: 'unsafe or stalled', colour: COLOUR.vermilion, shape: 'cross', filled: true },
] as const;

/** Classes of polling, by their upper end. */
const POLLING = [
  { below: 0.01, name: '< 1 %', area: 34 },
  { below: 0.1, name: '1–10 %', area: 80 },
  { below: 0.5, name: '10–50 %', area: 150 },
  { below: Infinity, name: '≥ 50 %', area: 250 },
] as const;

const LINES = [
  { line: 'best, whatever it polls', colour: COLOUR.blue, dash: [] as number[], below: Infinity },
  { line: 'best that polls < 1 %', colour: COLOUR.green, dash: [6, 3], below: 0.01 },
] as const;

const PANELS = [
  { title: 'median', of: 'addedP50Ns' },
  { title: '99th percentile', of: 'addedP99Ns' },
] as const;

export const panelTitlePx = 20;
export const VIEW_GAP_PX = 10;
const Y_AXIS_PX = 66;
const PANEL_GAP_PX = 14;
const LINE_PX = 17;
const ITEM_GAP_PX = 18;
const SYMBOL_PX = 24;
const KEY_LINE_PX = 15;
const KEY_GAP_PX = 14;
const MAX_COLUMNS = 4;
/** Marks nearer to each other share a label. */
const SAME_PX = 4;

interface Item {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface Layout<T extends Item = Item> {
  readonly items: readonly T[];
  readonly heightPx: number;
}

/** "+12.5 µs", "−1.2 ms". */
export function signedTime(ns: number): string {
  return ns === 0 ? '0' : `${ns < 0 ? '−' : '+'}${formatNs(Math.abs(ns))}`;
}

type Entry = Item & ({ readonly status: (typeof STATUSES)[number] } | { readonly area: number } | { readonly line: (typeof LINES)[number] } | { readonly heading: true });

/** The legend's items, one after the other, on as many lines as they need. */
export function legendLayout(widthPx: number): Layout<Entry> {
  const groups: (Entry extends infer S ? (S extends Item ? Omit<S, 'x' | 'y'> : never) : never)[][] = [
    STATUSES.map((status) => ({ text: status.status, status })),
    [{ text: 'device polling:', heading: true }, ...POLLING.map(({ name, area }) => ({ text: name, area }))],
    LINES.map((line) => ({ text: line.line, line })),
  ];
  const items: Entry[] = [];
  let [x, y] = [0, LINE_PX / 2];
  for (const group of groups) {
    const groupPx = group.reduce((sum, item) => sum + itemPx(item.text, 'heading' in item), 0);
    if (x > 0 && x + groupPx > widthPx) [x, y] = [0, y + LINE_PX];
    for (const item of group) {
      const px = itemPx(item.text, 'heading' in item);
      if (x > 0 && x + px > widthPx) [x, y] = [0, y + LINE_PX];
      items.push({ ...item, x, y });
      x += px;
    }
  }
  return { items, heightPx: y + LINE_PX / 2 };
}

function itemPx(text: string, isHeading: boolean): number {
  return (isHeading ? 0 : SYMBOL_PX) + textWidthPx(text, FONT_PX.small) + (isHeading ? 4 : ITEM_GAP_PX);
}

type KeyItem = Item & { readonly number: string; readonly colour: string; readonly weight: 'bold' | 'normal' };

/** What the numbers stand for, in columns. */
export function keyLayout(rows: readonly NamedRow[], widthPx: number): Layout<KeyItem> {
  const entries = rows.filter((row) => row.number !== null).map(({ number, name, flaw, status, onFrontier }) => ({
    number: String(number),
    text: flaw === '' ? name : `${name}: ${printable(flaw)}`,
    colour: STATUSES.find((each) => each.status === status)!.colour,
    weight: onFrontier ? ('bold' as const) : ('normal' as const),
  }));
  const numberPx = textWidthPx('00', FONT_PX.small, true) + 6;
  const widestPx = Math.max(...entries.map(({ text, weight }) => textWidthPx(text, FONT_PX.small, weight === 'bold')));
  const columns = Math.min(Math.max(Math.floor((widthPx + KEY_GAP_PX) / (numberPx + widestPx + KEY_GAP_PX)), widthPx >= 600 ? 2 : 1), MAX_COLUMNS, entries.length);
  const columnPx = (widthPx + KEY_GAP_PX) / columns;
  const lines = Math.ceil(entries.length / columns);
  const items = entries.map((entry, i) => ({
    ...entry,
    text: clipText(entry.text, columnPx - numberPx - KEY_GAP_PX, FONT_PX.small, entry.weight === 'bold'),
    x: Math.floor(i / lines) * columnPx + numberPx,
    y: (i % lines) * KEY_LINE_PX + KEY_LINE_PX / 2,
  }));
  return { items, heightPx: lines * KEY_LINE_PX };
}

/** Positions in pixels: no scale, no axis. */
const PX = { x: { field: 'x', type: 'quantitative', scale: null, axis: null }, y: { field: 'y', type: 'quantitative', scale: null, axis: null } } as const;
const pxTo = { x2: { field: 'x2' }, y2: { field: 'y2' } } as const;

export interface SweepLayout {
  /** Width within the image's margins. */
  readonly insidePx: number;
  readonly plotPx: number;
  readonly legend: Layout<Entry>;
  readonly key: Layout<KeyItem>;
}

/** The spec without heading. */
export function sweepSpec(rows: readonly NamedRow[], { insidePx, plotPx, legend, key }: SweepLayout): TopLevelSpec {
  const panelPx = Math.floor((insidePx - PANELS.length * Y_AXIS_PX - (PANELS.length - 1) * PANEL_GAP_PX) / PANELS.length);
  const x = writesAxis(rows.map(({ mmioPerIo }) => mmioPerIo), panelPx);
  return {
    $schema: SCHEMA,
    padding: PADDING_PX,
    spacing: VIEW_GAP_PX,
    vconcat: [
      legendView(legend, insidePx),
      { spacing: PANEL_GAP_PX, hconcat: PANELS.map((panel) => panelView(panel, rows, x, { panelPx, plotPx })) },
      keyView(key, insidePx),
    ],
    config: { concat: { spacing: VIEW_GAP_PX } },
  } as TopLevelSpec;
}

function pollingOf({ pollCpu }: NamedRow): (typeof POLLING)[number] {
  return POLLING.find(({ below }) => pollCpu < below) ?? POLLING[POLLING.length - 1]!;
}

function panelView({ title, of }: (typeof PANELS)[number], rows: readonly NamedRow[], x: Axis, { panelPx, plotPx }: { readonly panelPx: number; readonly plotPx: number }): object {
  const y = latencyAxis(rows.map((row) => row[of]!), plotPx);
  const marks = rows.map((row) => {
    const { area } = pollingOf(row);
    return { row, area, x: x.toPx(row.mmioPerIo), y: y.toPx(row[of]!), radiusPx: Math.sqrt(area / Math.PI) + 1 };
  });
  const groups: (typeof marks)[] = [];
  for (const mark of marks.filter(({ row }) => row.number !== null)) {
    const near = groups.find(([first]) => Math.abs(first!.x - mark.x) < SAME_PX && Math.abs(first!.y - mark.y) < SAME_PX);
    if (near === undefined) groups.push([mark]);
    else near.push(mark);
  }
  const texts = groups.map((group) => rangesText(group.map(({ row }) => row.number!)));
  const places = placeLabels(groups.map(([mark], i) => ({ mark: mark!, widthPx: textWidthPx(texts[i]!, FONT_PX.small, true) })), marks, { widthPx: panelPx, heightPx: plotPx, labelPx: FONT_PX.small + 1 });
  const labels = places.flatMap((place, i) => {
    const { row, x: markX, y: markY } = groups[i]!.find(({ row: { onFrontier } }) => onFrontier) ?? groups[i]![0]!;
    return place === null ? [] : [{ text: texts[i]!, x: place.x, y: place.y, x2: markX, y2: markY, isFar: place.isFar, colour: STATUSES.find(({ status }) => status === row.status)!.colour, weight: row.onFrontier ? 'bold' : 'normal' }];
  });
  const view = (status: (typeof STATUSES)[number]): object => ({
    data: { values: marks.filter(({ row }) => row.status === status.status).map(({ row, area, x: px, y: py }) => ({ x: px, y: py, area, tip: `${status.status}: ${tipOf(row, of, title)}` })) },
    mark: { type: 'point', shape: status.shape, filled: status.filled, stroke: status.colour, fill: status.filled ? status.colour : COLOUR.paper, strokeWidth: status.filled ? 0 : 1.3, opacity: 1, fillOpacity: status.filled ? 0.9 : 0.5, aria: true },
    encoding: { ...PX, size: { field: 'area', type: 'quantitative', scale: null, legend: null }, description: { field: 'tip', type: 'nominal' } },
  });
  return {
    width: panelPx,
    height: plotPx,
    title: { text: title, anchor: 'start', frame: 'group', fontSize: FONT_PX.text, offset: 6 },
    view: { stroke: COLOUR.axis, strokeWidth: 0.5 },
    layer: [
      // The axes are of a mark that isn't seen; everything else is placed in pixels, as labels must be.
      {
        data: { values: [{ from: x.domain[0], at: y.domain[0] }] },
        mark: { type: 'point', opacity: 0 },
        encoding: {
          x: { field: 'from', type: 'quantitative', scale: { ...x.scale, domain: x.domain, nice: false, zero: false }, axis: { ...x.axis, title: 'register writes per command', grid: true } },
          y: { field: 'at', type: 'quantitative', scale: { ...y.scale, domain: y.domain, nice: false, zero: false }, axis: { ...y.axis, grid: true, minExtent: Y_AXIS_PX - 22, maxExtent: Y_AXIS_PX - 22 } },
        },
      },
      { data: { values: [{ x: 0, y: y.toPx(0), x2: panelPx }] }, mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1 }, encoding: { ...PX, x2: pxTo.x2 } },
      ...LINES.map(({ colour, dash, below }) => ({
        data: { values: stairs(marks.filter(({ row }) => row.flaw === '' && row.pollCpu < below), panelPx).map((at, order) => ({ ...at, order })) },
        mark: { type: 'line', color: colour, strokeWidth: 1.8, strokeDash: dash, interpolate: 'linear' },
        encoding: { ...PX, order: { field: 'order', type: 'quantitative' } },
      })),
      { data: { values: labels.filter(({ isFar }) => isFar) }, mark: { type: 'rule', color: COLOUR.axis, strokeWidth: 0.7 }, encoding: { ...PX, ...pxTo } },
      ...[STATUSES[1], STATUSES[0], STATUSES[2]].map(view),
      {
        data: { values: labels },
        mark: { type: 'text', align: 'center', baseline: 'middle', fontSize: FONT_PX.small },
        encoding: { ...PX, text: { field: 'text', type: 'nominal' }, ...INKED },
      },
    ],
  };
}

/** Colour and weight that the data name themselves. */
const INKED = {
  color: { field: 'colour', type: 'nominal', scale: null, legend: null },
} as const;

/** The least latency that any of the marks has with at most so many writes, as a line of steps, from left to right. */
function stairs(marks: readonly { readonly x: number; readonly y: number }[], panelPx: number): readonly { readonly x: number; readonly y: number }[] {
  const steps: { x: number; y: number }[] = [];
  // Lower in the plot is a shorter latency: pixels grow downwards.
  for (const { x, y } of marks.toSorted((a, b) => a.x - b.x || b.y - a.y)) {
    const last = steps.at(-1);
    if (last !== undefined && y <= last.y) continue;
    if (last !== undefined) steps.push({ x, y: last.y });
    steps.push({ x, y });
  }
  const last = steps.at(-1);
  return last === undefined ? [] : [...steps, { x: panelPx, y: last.y }];
}

function tipOf(row: NamedRow, of: 'addedP50Ns' | 'addedP99Ns', title: string): string {
  return `${row.number === null ? '' : `${row.number} `}${row.name}, ${row.mmioPerIo.toFixed(4)} writes per command, ${title} ${signedTime(row[of]!)}, polling ${formatPercent(row.pollCpu)}${row.flaw === '' ? '' : `, ${printable(row.flaw)}`}`;
}

function legendView({ items, heightPx }: Layout<Entry>, widthPx: number): object {
  const middle = SYMBOL_PX / 2;
  const points = items.flatMap((item): readonly { x: number; y: number; area: number; colour: string; shape: string; filled: boolean }[] => {
    if ('status' in item) return [{ x: item.x + middle, y: item.y, area: 70, ...item.status }];
    return 'area' in item ? [{ x: item.x + middle, y: item.y, area: item.area, colour: COLOUR.grey, shape: 'circle', filled: false }] : [];
  });
  const point = (filled: boolean): object => ({
    data: { values: points.filter((each) => each.filled === filled) },
    mark: { type: 'point', filled, opacity: 1, strokeWidth: filled ? 0 : 1.3 },
    encoding: { ...PX, size: { field: 'area', type: 'quantitative', scale: null, legend: null }, shape: { field: 'shape', type: 'nominal', scale: null, legend: null }, ...INKED },
  });
  return {
    width: widthPx,
    height: heightPx,
    view: { stroke: null },
    layer: [
      point(true),
      point(false),
      ...LINES.map((line) => ({
        data: { values: items.filter((item) => 'line' in item && item.line === line).map(({ x, y }) => ({ x, y, x2: x + SYMBOL_PX - 4 })) },
        mark: { type: 'rule', color: line.colour, strokeWidth: 1.8, strokeDash: line.dash },
        encoding: { ...PX, x2: pxTo.x2 },
      })),
      {
        data: { values: items.map((item) => ({ x: item.x + ('heading' in item ? 0 : SYMBOL_PX), y: item.y, text: item.text })) },
        mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_PX.small, color: COLOUR.ink },
        encoding: { ...PX, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}

function keyView({ items, heightPx }: Layout<KeyItem>, widthPx: number): object {
  const texts = (weight: 'bold' | 'normal', field: 'text' | 'number'): object => ({
    data: { values: items.filter((item) => item.weight === weight).map((item) => ({ ...item, x: field === 'number' ? item.x - 6 : item.x })) },
    mark: { type: 'text', align: field === 'number' ? 'right' : 'left', baseline: 'middle', fontSize: FONT_PX.small, fontWeight: weight },
    encoding: { ...PX, text: { field, type: 'nominal' }, ...INKED },
  });
  return { width: widthPx, height: heightPx, view: { stroke: null }, layer: (['bold', 'normal'] as const).flatMap((weight) => [texts(weight, 'number'), texts(weight, 'text')]) };
}
