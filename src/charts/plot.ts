// What charts with one plot share: their frame, from words and sizes to the height that is left for the plot.

import { printable } from '../base/text.js';
import { headingPx, sentences } from './heading.js';
import { checkedPx, DEFAULT_WIDTH_PX, sizeAndTheme } from './options.js';
import type { Chart, ChartOptions } from './spec.js';
import { PADDING_PX } from './theme.js';

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/** Height of the x axis with its title, and of a legend above the plot. */
export const X_AXIS_PX = 37;
export const LEGEND_PX = 22;

/** Narrower and lower plots show nothing. */
const MIN_PLOT_PX = 60;

type Frame = Pick<Chart, 'title' | 'subtitle' | 'widthPx' | 'heightPx' | 'theme' | 'id'>;

export interface FrameAsked {
  readonly id: string;
  readonly title: string;
  /** What a reader must know to read the picture, in sentences. */
  readonly reading: readonly string[];
  /** Height of axes and legend. */
  readonly aroundPx: number;
  /** Height of the plot, where no height was asked for. */
  readonly plotPx: number;
}

/** The frame of a chart, and the height of its plot. */
export function frameOf(asked: FrameAsked, options: ChartOptions): { readonly frame: Frame; readonly plotPx: number } {
  const widthPx = checkedPx('width', options.widthPx, DEFAULT_WIDTH_PX);
  const subtitle = sentences(options.subtitle, ...asked.reading);
  const heading = { title: printable(options.title ?? asked.title), ...(subtitle === '' ? {} : { subtitle }), widthPx };
  const aroundPx = headingPx(heading) + asked.aroundPx + 2 * PADDING_PX;
  const heightPx = checkedPx('height', options.heightPx, aroundPx + asked.plotPx);
  return {
    frame: { ...heading, ...sizeAndTheme(options), id: options.id ?? asked.id },
    plotPx: Math.max(heightPx - aroundPx, MIN_PLOT_PX),
  };
}

/** The unit of a time axis: the largest in which the window is at least 0.5. */
export function timeUnit(windowS: number): { readonly name: string; readonly perSecond: number } {
  if (windowS >= 0.5) return { name: 's', perSecond: 1 };
  return windowS >= 0.0005 ? { name: 'ms', perSecond: 1e3 } : { name: 'µs', perSecond: 1e6 };
}

/** A number of seconds with three significant digits, in its unit. */
export function durationText(seconds: number): string {
  const unit = timeUnit(seconds * 2);
  return `${Number((seconds * unit.perSecond).toPrecision(3))} ${unit.name}`;
}

/** Labels of an axis of fractions, as text has them: "25 %". */
export const PERCENT_LABELS = "format(datum.value * 100, '.0f') + '\u00a0%'";
/** The same with a sign, for differences. */
export const SIGNED_PERCENT_LABELS = "format(datum.value * 100, datum.value === 0 ? '.0f' : '+.0f') + '\u00a0%'";
