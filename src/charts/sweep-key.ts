// What surrounds the plots of a sweep: the legend above, and below them the key to their numbers. Both are laid out in pixels.

import { ensure } from '../base/assert.js';
import { groupBy } from '../base/group.js';
import { printable } from '../base/text.js';
import type { NamedRow } from './sweep.js';
import { clipText, textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX } from './theme.js';

/** How a configuration did, each told by colour, by shape and by filling. */
export const STATUSES = [
  { status: 'on the frontier', colour: COLOUR.blue, shape: 'circle', filled: true, strokePx: 0 },
  { status: 'beaten by another', colour: COLOUR.grey, shape: 'circle', filled: false, strokePx: 1.3 },
  { status: 'unsafe or stalled', colour: COLOUR.vermilion, shape: 'M-.8,-.8L.8,.8M-.8,.8L.8,-.8', filled: false, strokePx: 2.5 },
] as const;

/** Classes of polling, by their upper end. */
export const POLLING = [
  { below: 0.01, name: '< 1 %', area: 34 },
  { below: 0.1, name: '1–10 %', area: 80 },
  { below: 0.5, name: '10–50 %', area: 150 },
  { below: Infinity, name: '≥ 50 %', area: 250 },
] as const;

/** The frontier of each plot. */
export const LINES = [
  { line: 'least, whatever it polls', colour: COLOUR.blue, dash: [] as number[], below: Infinity },
  { line: 'least of what polls < 1 %', colour: COLOUR.green, dash: [6, 3], below: 0.01 },
] as const;

export function colourOf({ status }: NamedRow): string {
  return ensure(STATUSES.find((each) => each.status === status), `status ${status}`).colour;
}

interface Item {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface Layout<T extends Item> {
  readonly items: readonly T[];
  readonly heightPx: number;
}

type What = { readonly is: 'status'; readonly status: (typeof STATUSES)[number] } | { readonly is: 'polling'; readonly area: number } | { readonly is: 'line'; readonly line: (typeof LINES)[number] } | { readonly is: 'heading' };
export type LegendItem = Item & { readonly what: What };

export const SYMBOL_PX = 24;
const LEGEND_LINE_PX = 18;
const ITEM_GAP_PX = 18;

const LEGEND: readonly (readonly Omit<LegendItem, 'x' | 'y'>[])[] = [
  STATUSES.map((status) => ({ text: status.status, what: { is: 'status', status } })),
  [{ text: 'device polling:', what: { is: 'heading' } }, ...POLLING.map(({ name, area }) => ({ text: name, what: { is: 'polling', area } as const }))],
  LINES.map((line) => ({ text: line.line, what: { is: 'line', line } })),
];

/** The legend's items, one after the other, on as many lines as they need; a group begins a line where it doesn't fit. */
export function legendLayout(widthPx: number): Layout<LegendItem> {
  const items: LegendItem[] = [];
  let [x, y] = [0, LEGEND_LINE_PX / 2];
  for (const group of LEGEND) {
    if (x > 0 && x + group.reduce((sum, item) => sum + itemPx(item), 0) > widthPx + ITEM_GAP_PX) [x, y] = [0, y + LEGEND_LINE_PX];
    for (const item of group) {
      if (x > 0 && x + itemPx(item) > widthPx + ITEM_GAP_PX) [x, y] = [0, y + LEGEND_LINE_PX];
      items.push({ ...item, x, y });
      x += itemPx(item);
    }
  }
  return { items, heightPx: y + LEGEND_LINE_PX / 2 };
}

function itemPx({ text, what }: Omit<LegendItem, 'x' | 'y'>): number {
  const textPx = textWidthPx(text, FONT_PX.small);
  return what.is === 'heading' ? textPx + 4 : SYMBOL_PX + textPx + ITEM_GAP_PX;
}

export type KeyItem = Item & { readonly number: string; readonly colour: string; readonly weight: 'bold' | 'normal' };

const KEY_LINE_PX = 15;
const COLUMN_GAP_PX = 14;
const MAX_COLUMNS = 6;
const NUMBER_PX = textWidthPx('00', FONT_PX.small, true) + 6;

/** What the numbers stand for, in columns: what several have in common as a heading, where that takes fewer lines. */
export function keyLayout(rows: readonly NamedRow[], widthPx: number): Layout<KeyItem> {
  const entries = rows.filter((row) => row.number !== null);
  const flat = blockLayout(entries, (row) => [row.policy, ...row.others].map(printable).join(' + '), widthPx);
  if (entries.every(({ others }) => others.length === 0)) return flat;
  let heightPx = 0;
  const items: KeyItem[] = [];
  for (const [heading, group] of groupBy(entries, ({ others }) => others.map(printable).join(' + '))) {
    items.push({ number: '', text: clipText(`with ${heading}:`, widthPx, FONT_PX.small, true), x: 0, y: heightPx + KEY_LINE_PX / 2, colour: COLOUR.ink, weight: 'bold' });
    const block = blockLayout(group, ({ policy }) => printable(policy), widthPx);
    items.push(...block.items.map((item) => ({ ...item, y: item.y + heightPx + KEY_LINE_PX })));
    heightPx += KEY_LINE_PX + block.heightPx;
  }
  return heightPx < flat.heightPx ? { items, heightPx } : flat;
}

function blockLayout(rows: readonly NamedRow[], nameOf: (row: NamedRow) => string, widthPx: number): Layout<KeyItem> {
  const entries = rows.map((row) => ({
    number: String(row.number),
    text: row.flaw === '' ? nameOf(row) : `${nameOf(row)}: ${printable(row.flaw)}`,
    colour: colourOf(row),
    weight: row.onFrontier ? ('bold' as const) : ('normal' as const),
  }));
  const widestPx = Math.max(...entries.map(({ text, weight }) => textWidthPx(text, FONT_PX.small, weight === 'bold')));
  const fit = Math.floor((widthPx + COLUMN_GAP_PX) / (NUMBER_PX + widestPx + COLUMN_GAP_PX));
  const columns = Math.min(Math.max(fit, 1), MAX_COLUMNS, entries.length);
  const columnPx = (widthPx + COLUMN_GAP_PX) / columns;
  const lines = Math.ceil(entries.length / columns);
  const items = entries.map((entry, i) => ({
    ...entry,
    text: clipText(entry.text, columnPx - NUMBER_PX - COLUMN_GAP_PX, FONT_PX.small, entry.weight === 'bold'),
    x: Math.floor(i / lines) * columnPx + NUMBER_PX,
    y: (i % lines) * KEY_LINE_PX + KEY_LINE_PX / 2,
  }));
  return { items, heightPx: lines * KEY_LINE_PX };
}

/** The largest count down to `least` that fits. */
export function mostThatFits(most: number, least: number, fits: (count: number) => boolean): number {
  let count = most;
  while (count > least && !fits(count)) count--;
  return count;
}
