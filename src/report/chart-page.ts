// Charts as an HTML page of their own: the `.html` ending of a chart's file.

import type { OnWarning } from '../charts/render/vega.js';
import type { Chart } from '../charts/spec.js';
import { html } from './escape.js';
import { figureOf } from './figure.js';
import { figureHtml } from './html/figure.js';
import { htmlPage } from './page.js';

/** The chart and its numbers as a self-contained HTML document. */
export async function chartHtml(chart: Chart, toolVersion: string, onWarning?: OnWarning): Promise<string> {
  const figure = await figureOf(chart, onWarning);
  return htmlPage(chart.title, `Bellwether ${toolVersion}`, figureHtml(figure, 'h1'));
}

/** Several charts with their numbers as one document; a single one is the page's subject itself. */
export async function chartsHtml(charts: readonly Chart[], title: string, toolVersion: string): Promise<string> {
  if (charts.length === 1) return chartHtml(charts[0]!, toolVersion);
  const figures = await Promise.all(charts.map((chart) => figureOf(chart)));
  return htmlPage(title, `Bellwether ${toolVersion}`, html`<h1>${title}</h1>\n${figures.map((figure) => figureHtml(figure, 'h2'))}`);
}
