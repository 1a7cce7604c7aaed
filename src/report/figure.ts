// From a chart to its place on a page.

import { renderSvg } from '../charts/render/svg.js';
import type { OnWarning } from '../charts/render/vega.js';
import type { Chart } from '../charts/spec.js';
import type { ReviewFigure } from './input.js';

/** Renders a chart without its heading, which the page sets as text. */
export async function figureOf(chart: Chart, onWarning?: OnWarning): Promise<ReviewFigure> {
  const svg = await renderSvg(chart, { heading: false, tips: true, ...(onWarning === undefined ? {} : { onWarning }) });
  return {
    id: chart.id,
    title: chart.title,
    ...(chart.subtitle === undefined ? {} : { subtitle: chart.subtitle }),
    alt: chart.alt,
    ...(chart.series === undefined ? {} : { series: chart.series }),
    svg,
    table: chart.summary,
  };
}
