// A chart as an HTML page of its own: the `.html` ending of a chart's file.

import type { OnWarning } from '../charts/render/vega.js';
import type { Chart } from '../charts/spec.js';
import { figureOf } from './figure.js';
import { figureHtml } from './html/figure.js';
import { htmlPage } from './page.js';

/** The chart and its numbers as a self-contained HTML document. */
export async function chartHtml(chart: Chart, toolVersion: string, onWarning?: OnWarning): Promise<string> {
  const figure = await figureOf(chart, onWarning);
  return htmlPage(chart.title, `Bellwether ${toolVersion}`, figureHtml(figure, 'h1'));
}
