// A chart on a page: heading, drawing, and the numbers below it.

import { bindPercent } from '../../charts/heading.js';
import { html, NOTHING, trusted, type Html } from '../escape.js';
import type { ReviewFigure } from '../input.js';
import { checkedSvg } from '../svg-guard.js';
import { dataTableHtml } from './table.js';

/** The figure with its table, folded on the screen and open on paper. `level` is that of its heading. */
export function figureHtml(figure: ReviewFigure, level: 'h1' | 'h2' | 'h3'): Html {
  const tag = trusted(level);
  return html`<figure id="figure-${figure.id}"${seriesAttribute(figure)}>
<figcaption><${tag}>${figure.title}</${tag}>
${figure.subtitle === undefined ? NOTHING : html`<p>${bindPercent(figure.subtitle)}</p>\n`}</figcaption>
<div class="drawing" role="region" aria-label="Chart: ${figure.title}" tabindex="0">${checkedSvg(figure.svg)}</div>
<details><summary>Numbers</summary>
${dataTableHtml(`Numbers of the chart: ${figure.title}`, figure.table)}</details>
</figure>
`;
}

function seriesAttribute({ series }: ReviewFigure): Html {
  return series === undefined ? NOTHING : html` data-series="${series.join('|')}"`;
}
