// Title and subtitle of a chart: their words, their lines, and the height that they take inside a picture.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import type { Chart } from './spec.js';
import { wrapText } from './text-width.js';
import { FONT_PX, HEADING_PX, PADDING_PX } from './theme.js';

type Heading = Pick<Chart, 'title' | 'subtitle' | 'widthPx'>;

/** A caller's subtitle, ended as a sentence, and what the chart itself has to say about how to read it. */
export function sentences(callers: string | undefined, ...own: readonly string[]): string {
  const first = printable(callers ?? '').trim();
  const ended = first === '' || /[.!?]$/.test(first) ? first : `${first}.`;
  return [ended, ...own].filter((text) => text !== '').join(' ');
}

/** Keeps "90 %" on one line: its space becomes a no-break space. */
export function bindPercent(text: string): string {
  return text.replaceAll(/(?<=\d) %/g, '\u00a0%');
}

/** Title and subtitle broken to the width of the chart. */
function headingLines(chart: Heading): { text: string[]; subtitle: string[] } {
  const widthPx = chart.widthPx - 2 * PADDING_PX;
  return {
    text: wrapText(chart.title, widthPx, FONT_PX.title, true),
    subtitle: wrapText(bindPercent(chart.subtitle ?? ''), widthPx, FONT_PX.subtitle),
  };
}

/** The spec with the chart's title and subtitle inside the picture. */
export function withHeading(chart: Chart): TopLevelSpec {
  const { text, subtitle } = headingLines(chart);
  return { ...chart.spec, title: subtitle.length === 0 ? { text } : { text, subtitle } };
}

/** Height that title and subtitle take, their distance to the drawing included. */
export function headingPx(chart: Heading): number {
  const { text, subtitle } = headingLines(chart);
  const titlePx = FONT_PX.title + (text.length - 1) * HEADING_PX.titleLine;
  const furtherPx = (subtitle.length - 1) * HEADING_PX.subtitleLine;
  const subtitlePx = subtitle.length === 0 ? 0 : HEADING_PX.subtitleGap + HEADING_PX.subtitleEnd + furtherPx;
  return titlePx + subtitlePx + HEADING_PX.below;
}
