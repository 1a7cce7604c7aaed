// Why to trust the prediction, or not: simple predictors that it has to beat, and the replay of the recording as it was.

import { formatPercent } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { CapturedFacts, SelfCheckItem, WhatIfFacts } from '../input.js';
import { htmlTable } from './table.js';

/** The saved fraction by simple predictors, and by how much each missed the captures. */
export function predictorsHtml(whatIf: WhatIfFacts, captured: CapturedFacts | undefined): Html {
  if (whatIf.baselines.length === 0) return NOTHING;
  const own = { name: 'this prediction', saved: whatIf.predicted.saved.fraction, meaning: 'median of the replays' };
  const rows = [...whatIf.baselines, own].map(({ name, saved, meaning }) => {
    const error = captured === undefined ? [] : [pointsText(saved - captured.saved.mean)];
    return [name, formatPercent(saved), ...error, meaning];
  });
  const error = captured === undefined ? [] : [{ title: 'error (points)', isNumber: true }];
  return html`<h3>Simple predictors</h3>
<p class="soft">A model is worth its cost only where it does better than these.${
    captured === undefined ? '' : ` ${closerSentence(whatIf, captured)}`
  }</p>
${htmlTable(
  'Saved fraction by predictor',
  [{ title: 'predictor' }, { title: 'saved', isNumber: true }, ...error, { title: 'how' }],
  rows,
)}`;
}

/** How many of the simple predictors the captures bear out better than the model. */
function closerSentence({ baselines, predicted }: WhatIfFacts, captured: CapturedFacts): string {
  const missed = (saved: number): number => Math.abs(saved - captured.saved.mean);
  const closer = baselines.filter((baseline) => missed(baseline.saved) < missed(predicted.saved.fraction)).length;
  return `Here ${closer === 0 ? 'none' : closer} of the ${baselines.length} came closer to what was captured than the model.`;
}

/** A difference of fractions in percentage points, with its sign. */
function pointsText(difference: number): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  return `${difference < 0 ? '−' : '+'}${points}`;
}

/** The replay of the recording as it was, and how far it is off. */
export function selfCheckHtml({ selfCheck }: WhatIfFacts): Html {
  const rows = selfCheck.items.map((item) => [
    item.what,
    item.recorded,
    item.replayed,
    differenceText(item),
    verdict(item.passed),
  ]);
  const numbers = ['recorded', 'replayed', 'difference'].map((title) => ({ title, isNumber: true }));
  return html`<h3>Self-check: ${verdict(selfCheck.passed)}</h3>
<p>The recording replayed as it was should give the recording back.${
    selfCheck.criterion === undefined ? '' : ` Passed when ${selfCheck.criterion}.`
  }</p>
${htmlTable('Recording and its own replay', [{ title: 'quantity' }, ...numbers, { title: 'result' }], rows)}`;
}

function differenceText({ recorded, replayed }: SelfCheckItem): string {
  if (recorded === replayed) return formatPercent(0);
  if (recorded === 0) return 'none recorded';
  const fraction = (replayed - recorded) / recorded;
  return `${fraction < 0 ? '−' : '+'}${formatPercent(Math.abs(fraction))}`;
}

function verdict(passed: boolean): Html {
  return passed ? html`<span class="good">passed</span>` : html`<span class="warning">failed</span>`;
}
