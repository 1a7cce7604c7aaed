// The look that all charts share: font, sizes, colours, number formats.

import type { TopLevelSpec } from 'vega-lite';

/** Family names for SVG. Verdana has nearly the same widths, for readers without DejaVu. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

export const FONT_PX = { title: 16, subtitle: 12, text: 12, small: 11 } as const;

/** Blank margin around the drawing, in pixels. */
export const PADDING_PX = 12;

/** Distances within the heading of a chart. The last one is what vega counts for the subtitle's last line. */
export const HEADING_PX = { titleLine: 20, subtitleGap: 6, subtitleLine: 16, below: 14, subtitleEnd: 11 } as const;

/**
 * Okabe-Ito colours, told apart with each form of colour blindness. Those that share a picture also differ
 * in lightness (L* in the comment), or stand in places of their own, so that a grey print keeps them apart.
 */
export const COLOUR = {
  /** L* 46. */
  blue: '#0072B2',
  /** L* 71. For areas only: as a thin line on white its contrast is below 3:1. */
  orange: '#E69F00',
  /** L* 54. */
  vermilion: '#D55E00',
  /** L* 57. */
  green: '#009E73',
  /** L* 13. */
  ink: '#222222',
  /** L* 38: secondary text; contrast 7:1 on white. */
  grey: '#595959',
  grid: '#E3E3E3',
  axis: '#8A8A8A',
  paper: '#FFFFFF',
} as const;

/** The same roles on dark paper. Each colour keeps its hue and its place in the order of lightness; contrast with the paper is 4.5:1 or more. */
export const DARK: Readonly<Record<keyof typeof COLOUR, string>> = {
  blue: '#4B9FE3',
  orange: '#F7C04A',
  vermilion: '#F5854A',
  green: '#2FC49A',
  ink: '#ECECEA',
  grey: '#B6BAC0',
  grid: '#34383E',
  axis: '#858B93',
  paper: '#17191C',
};

export const THEMES = ['light', 'dark'] as const;
export type ThemeName = (typeof THEMES)[number];

/** Plain data with every colour of the light theme exchanged for its counterpart: charts are written in light colours alone. */
export function themed<T>(data: T, theme: ThemeName): T {
  if (theme === 'light') return data;
  const counterpart = new Map(Object.entries(COLOUR).map(([name, hex]) => [hex as string, DARK[name as keyof typeof COLOUR]]));
  const exchange = (value: unknown): unknown => {
    if (typeof value === 'string') return counterpart.get(value) ?? value;
    if (Array.isArray(value)) return value.map(exchange);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, exchange(own)]));
  };
  return exchange(data) as T;
}

/** What is drawn of several runs: their names in the order in which they are listed, each told by colour and by dash. */
export const RUNS = [
  { run: 'recorded', colour: COLOUR.blue, dash: [] },
  { run: 'predicted', colour: COLOUR.vermilion, dash: [6, 3] },
  { run: 'captured', colour: COLOUR.green, dash: [2, 2] },
] as const;

/** The two sides of a queue pair, in the order in which they are stacked and listed. */
export const SIDES = [
  { side: 'sq', name: 'SQ tail', colour: COLOUR.blue },
  { side: 'cq', name: 'CQ head', colour: COLOUR.orange },
] as const;

/** Vega-Lite's `config` for every chart. */
export const THEME: NonNullable<TopLevelSpec['config']> = {
  font: FONT,
  background: COLOUR.paper,
  padding: PADDING_PX,
  // The picture is one image with a text alternative; names on single marks would only be noise.
  aria: false,
  locale: { number: { decimal: '.', thousands: ',', grouping: [3], currency: ['', ''], minus: '−' } },
  view: { stroke: null },
  axis: {
    labelColor: COLOUR.ink,
    labelFontSize: FONT_PX.text,
    titleColor: COLOUR.ink,
    titleFontSize: FONT_PX.text,
    titleFontWeight: 'normal',
    titlePadding: 8,
    domainColor: COLOUR.axis,
    tickColor: COLOUR.axis,
    gridColor: COLOUR.grid,
  },
  legend: {
    labelColor: COLOUR.ink,
    labelFontSize: FONT_PX.text,
    labelLimit: 0,
    titleColor: COLOUR.ink,
    titleFontSize: FONT_PX.text,
    orient: 'top',
    direction: 'horizontal',
    columnPadding: 20,
    rowPadding: 4,
    offset: 8,
  },
  header: {
    labelColor: COLOUR.ink,
    labelFontSize: FONT_PX.text,
    labelFontWeight: 'bold',
    titleFontSize: FONT_PX.text,
  },
  title: {
    anchor: 'start',
    frame: 'bounds',
    color: COLOUR.ink,
    fontSize: FONT_PX.title,
    fontWeight: 'bold',
    lineHeight: HEADING_PX.titleLine,
    subtitleColor: COLOUR.grey,
    subtitleFontSize: FONT_PX.subtitle,
    subtitleLineHeight: HEADING_PX.subtitleLine,
    subtitlePadding: HEADING_PX.subtitleGap,
    offset: HEADING_PX.below,
  },
};
