// The review: one HTML file for a design review. The finding first, then how far the data can be trusted,
// what happened, what would have happened, the charts, and how to get the same numbers again.
// Pure: the same input gives the same bytes.

import { html } from './escape.js';
import { cardsHtml } from './html/cards.js';
import { figureHtml } from './html/figure.js';
import { headlineHtml } from './html/headline.js';
import { methodHtml } from './html/method.js';
import { qualityHtml } from './html/quality.js';
import { queuesHtml } from './html/queues.js';
import { verdictsHtml } from './html/verdicts.js';
import { whatIfHtml } from './html/what-if.js';
import type { ReviewInput } from './input.js';
import { htmlPage } from './page.js';

/** The review as a self-contained HTML document. */
export function reviewHtml(input: ReviewInput): string {
  const title = `Doorbell review: ${input.trace.name}`;
  const body = html`<h1>${title}</h1>
<p class="soft">NVMe doorbell traffic, recorded and replayed under another doorbell policy</p>
${[headlineHtml, cardsHtml, qualityHtml, queuesHtml, whatIfHtml, verdictsHtml].map((part) => part(input))}<section aria-labelledby="charts">
<h2 id="charts">Charts</h2>
${input.figures.map((figure) => figureHtml(figure, 'h3'))}</section>
${methodHtml(input)}`;
  return htmlPage(title, `Bellwether ${input.method.toolVersion}`, body);
}
