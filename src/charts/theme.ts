// The look that all charts share: bundled font, colours, sizes, number formats, and the heading.

import { printable } from '../base/text.js';
import { type BellwetherError, inputError, usageError } from '../base/errors.js';
import type { TopLevelSpec } from 'vega-lite';
import type { Chart } from './spec.js';
import { wrapText } from './text-width.js';

/** Family names for SVG. Verdana has nearly the same widths, for readers without DejaVu. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

export const FONT_PX = { title: 16, subtitle: 12, text: 12, small: 11 } as const;

/** Blank margin around the drawing, in pixels. */
export const PADDING_PX = 12;

const TITLE_LINE_PX = 20;
const SUBTITLE_LINE_PX = 16;
const SUBTITLE_GAP_PX = 6;
const HEADING_GAP_PX = 14;
/** Height of the subtitle's last line as vega counts it. */
const ASCENT_PX = 11;

export const DEFAULT_WIDTH_PX = 800;
const MIN_PX = 200;
const MAX_PX = 4000;

/**
 * Okabe-Ito colours, told apart with each form of colour blindness. Those that share a picture also differ
 * in lightness (L* in the comment) so that a grey print keeps them apart; lines differ in dashes as well.
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
    lineHeight: TITLE_LINE_PX,
    subtitleColor: COLOUR.grey,
    subtitleFontSize: FONT_PX.subtitle,
    subtitleLineHeight: SUBTITLE_LINE_PX,
    subtitlePadding: SUBTITLE_GAP_PX,
    offset: HEADING_GAP_PX,
  },
};

/** A caller's subtitle, ended as a sentence, and what the chart itself has to say about how to read it. */
export function sentences(callers: string | undefined, ...own: readonly string[]): string {
  const first = printable(callers ?? '').trim();
  const ended = first === '' || /[.!?]$/.test(first) ? first : `${first}.`;
  return [ended, ...own].filter((text) => text !== '').join(' ');
}

/** Title and subtitle broken to the width of the chart. "90 %" stays on one line. */
function headingLines(chart: Pick<Chart, 'title' | 'subtitle' | 'widthPx'>): { text: string[]; subtitle: string[] } {
  const widthPx = chart.widthPx - 2 * PADDING_PX;
  return {
    text: wrapText(chart.title, widthPx, FONT_PX.title, true),
    subtitle: wrapText((chart.subtitle ?? '').replaceAll(/(?<=\d) %/g, '\u00a0%'), widthPx, FONT_PX.subtitle),
  };
}

/** The spec with the chart's title and subtitle inside the picture. */
export function withHeading(chart: Chart): TopLevelSpec {
  const { text, subtitle } = headingLines(chart);
  return { ...chart.spec, title: subtitle.length === 0 ? { text } : { text, subtitle } };
}

/** Height that title and subtitle take, their distance to the drawing included. */
export function headingPx(chart: Pick<Chart, 'title' | 'subtitle' | 'widthPx'>): number {
  const { text, subtitle } = headingLines(chart);
  const titlePx = FONT_PX.title + (text.length - 1) * TITLE_LINE_PX;
  const subtitlePx = subtitle.length === 0 ? 0 : SUBTITLE_GAP_PX + ASCENT_PX + (subtitle.length - 1) * SUBTITLE_LINE_PX;
  return titlePx + subtitlePx + HEADING_GAP_PX;
}

/** A width or height that was asked for, or the default. Throws a usage error outside 200 .. 4000 px. */
export function checkedPx(name: 'width' | 'height', px: number | undefined, defaultPx: number): number {
  if (px === undefined) return defaultPx;
  if (!Number.isInteger(px) || px < MIN_PX || px > MAX_PX) {
    throw usageError(`${name} ${px} is not a whole number of pixels in ${MIN_PX}..${MAX_PX}`);
  }
  return px;
}

/** The error of a chart that has nothing to show. */
export function nothingToDraw(chart: string, why: string): BellwetherError {
  return inputError(`nothing to draw in the ${chart} chart: ${why}`);
}
