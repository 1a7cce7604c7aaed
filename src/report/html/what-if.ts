// The what-if: assumptions, prediction beside the baseline and the captures, simple predictors, self-check.

import { formatCount, formatPercent } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { CapturedFacts, MeanRange, MedianInterval, ReviewInput, WhatIfFacts } from '../input.js';
import { htmlTable, type HtmlCell } from './table.js';

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
${[
    predictionTable(whatIf, captured),
    captured === undefined ? NOTHING : capturedHtml(captured),
    baselinesHtml(whatIf, captured),
    selfCheckHtml(whatIf),
    limitsHtml(whatIf.limits),
  ]}</section>
`;
}

function predictionTable(whatIf: WhatIfFacts, captured: CapturedFacts | undefined): Html {
  const { baseline, predicted } = whatIf;
  const { saved } = predicted;
  const rows: HtmlCell[][] = [
    [baseline.name, baseline.mmio.sq, baseline.mmio.cq, baseline.mmio.total, null],
    [
      'predicted, median [90\u00a0%\u00a0interval]',
      intervalText(predicted.mmio.sq),
      intervalText(predicted.mmio.cq),
      intervalText(predicted.mmio.total),
      `${formatPercent(saved.fraction)} [${formatPercent(saved.low)} – ${formatPercent(saved.high)}]`,
    ],
  ];
  if (captured !== undefined) {
    const { mmio } = captured;
    rows.push([
      'captured, mean [range]',
      rangeText(mmio.sq),
      rangeText(mmio.cq),
      rangeText(mmio.total),
      `${formatPercent(captured.saved.mean)} [${formatPercent(captured.saved.low)} – ${formatPercent(captured.saved.high)}]`,
    ]);
  }
  const columns = ['SQ tail', 'CQ head', 'total', 'saved'].map((title) => ({ title, isNumber: true }));
  return htmlTable('MMIO doorbell writes on I/O queues', [{ title: 'where from' }, ...columns], rows);
}

function intervalText({ median, low, high }: MedianInterval): string {
  return `${whole(median)} [${whole(low)} – ${whole(high)}]`;
}

function rangeText({ mean, low, high }: MeanRange): string {
  return `${whole(mean)} [${whole(low)} – ${whole(high)}]`;
}

function whole(n: number): string {
  return formatCount(Math.round(n));
}

/** The error of the prediction, where captures of the same policy exist. */
function capturedHtml(captured: CapturedFacts): Html {
  const points = (captured.savedError * 100).toFixed(1);
  const direction = captured.savedError > 0 ? 'too high' : 'too low';
  const error = Number(points) === 0 ? 'no error at one decimal' : `${points.replace('-', '')} percentage points ${direction}`;
  return html`<p>Compared with ${captured.names.length === 1 ? 'the capture' : 'captures'} ${captured.names.join(', ')}: the
predicted saved fraction is ${error}, and the captured mean lies ${captured.covered ? 'within' : 'outside'} the predicted
interval.</p>
`;
}

function baselinesHtml(whatIf: WhatIfFacts, captured: CapturedFacts | undefined): Html {
  if (whatIf.baselines.length === 0) return NOTHING;
  const own = { name: 'this prediction', saved: whatIf.predicted.saved.fraction, meaning: 'median of the replays' };
  const rows = [...whatIf.baselines, own].map(({ name, saved, meaning }) => {
    const error = captured === undefined ? [] : [pointsText(saved - captured.saved.mean)];
    return [name, formatPercent(saved), ...error, meaning];
  });
  const error = captured === undefined ? [] : [{ title: 'error (points)', isNumber: true }];
  return html`<h3>Simple predictors</h3>
<p class="soft">A model is worth its cost only where it does better than these.</p>
${htmlTable(
  'Saved fraction by predictor',
  [{ title: 'predictor' }, { title: 'saved', isNumber: true }, ...error, { title: 'how' }],
  rows,
)}`;
}

/** A difference of fractions in percentage points, with its sign. */
function pointsText(difference: number): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  return `${difference < 0 ? '−' : '+'}${points}`;
}

function selfCheckHtml(whatIf: WhatIfFacts): Html {
  const { passed, items } = whatIf.selfCheck;
  const rows = items.map((item) => [item.what, item.recorded, item.replayed, verdict(item.passed)]);
  return html`<h3>Self-check: ${verdict(passed)}</h3>
<p>The recording replayed as it was must give the recording back.</p>
${htmlTable(
  'Recording and its own replay',
  [{ title: 'quantity' }, { title: 'recorded', isNumber: true }, { title: 'replayed', isNumber: true }, { title: 'result' }],
  rows,
)}`;
}

function verdict(passed: boolean): Html {
  return passed ? html`<span class="good">passed</span>` : html`<span class="warning">failed</span>`;
}

function limitsHtml(limits: readonly string[]): Html {
  if (limits.length === 0) return NOTHING;
  return html`<h3>Not covered</h3>
<ul>
${limits.map((limit) => html`<li>${limit}</li>\n`)}</ul>
`;
}
