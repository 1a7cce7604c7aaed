// The what-if: its assumptions, then prediction, predictors, self-check, limits.

import { formatCount } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { ReviewInput } from '../input.js';
import { predictionHtml } from './prediction.js';
import { predictorsHtml, selfCheckHtml } from './trust.js';

/** The section on the what-if. */
export function whatIfHtml(input: ReviewInput): Html {
  const { whatIf, captured } = input;
  return html`<section aria-labelledby="what-if">
<h2 id="what-if">What if</h2>
<dl class="facts">
<dt>Shadow doorbells</dt><dd>${whatIf.shadow}</dd>
<dt>Event-index policy</dt><dd>SQ ${whatIf.policy}, CQ ${whatIf.cqPolicy}</dd>
<dt>Driver</dt><dd>${whatIf.driver}</dd>
<dt>Device</dt><dd>${whatIf.device}</dd>
<dt>Transport</dt><dd>${whatIf.transport}</dd>
<dt>Commands</dt><dd>${formatCount(whatIf.predicted.commands)}</dd>
<dt>Stalled commands</dt><dd>${formatCount(whatIf.predicted.stalls)}</dd>
</dl>
${[predictionHtml(whatIf, captured), predictorsHtml(whatIf, captured), selfCheckHtml(whatIf), limitsHtml(whatIf.limits)]}</section>
`;
}

function limitsHtml(limits: readonly string[]): Html {
  if (limits.length === 0) return NOTHING;
  return html`<h3>Not covered</h3>
<ul>
${limits.map((limit) => html`<li>${limit}</li>\n`)}</ul>
`;
}
