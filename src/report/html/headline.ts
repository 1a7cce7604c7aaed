// The finding, in one sentence, and what qualifies it.

import { formatCount, formatPercent } from '../../base/units.js';
import { bindPercent } from '../../charts/heading.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { CapturedFacts, ReviewInput, WhatIfFacts } from '../input.js';
import { type Without, withoutShadow } from './without.js';

/** "With shadow doorbells on and policy qemu, ... 830 MMIO doorbell writes instead of 6,591: 87.4 % fewer (...)." */
function findingSentence(whatIf: WhatIfFacts): string {
  const { predicted, baseline } = whatIf;
  const { fraction, low, high } = predicted.saved;
  const policy = whatIf.shadow === 'on' ? ` and policy ${whatIf.policy}` : '';
  return (
    `With shadow doorbells ${whatIf.shadow}${policy}, this workload would need ` +
    `${formatCount(Math.round(predicted.mmio.total.median))} MMIO doorbell writes instead of ` +
    `${formatCount(baseline.mmio.total)}: ${change(fraction)} (90 % interval ${changes(low, high)}).`
  );
}

/** "Without shadow doorbells, this workload would need 285,485 MMIO doorbell writes (...); with them it had 14,567: 94.9 % fewer (...)." */
function withoutSentence({ recorded, needed, saved: { fraction, low, high } }: Without): string {
  return (
    `Without shadow doorbells, this workload would need ${formatCount(Math.round(needed.median))} MMIO doorbell writes; ` +
    `with them it had ${formatCount(recorded)}, as recorded: ${change(fraction)} (90 % interval ${changes(low, high)}).`
  );
}

/** What captures of the predicted configuration showed. */
function capturedSentence({ names, covered, mmio, saved }: CapturedFacts, without: Without | null): string {
  const captures = names.length === 1 ? 'One capture' : `${names.length} captures`;
  const verdict = covered ? 'within the predicted interval' : 'outside the predicted interval';
  if (without !== null) return `${captures} without them showed ${formatCount(Math.round(mmio.total.mean))} writes, ${verdict}.`;
  return `${captures} of this policy showed ${change(saved.mean)}, ${verdict}.`;
}

/** The headline box. Anything that makes the figure unsafe to quote stands right below it. */
export function headlineHtml(input: ReviewInput): Html {
  const without = withoutShadow(input);
  return html`<div class="finding">
<p class="main">${bindPercent(without === null ? findingSentence(input.whatIf) : withoutSentence(without))}</p>
${input.captured === undefined ? NOTHING : capturedHtml(input.captured, without)}${reservations(input).map(warning)}</div>
`;
}

function capturedHtml(captured: CapturedFacts, without: Without | null): Html {
  const sentence = bindPercent(capturedSentence(captured, without));
  return captured.covered ? html`<p class="more">${sentence}</p>\n` : warning(sentence);
}

function warning(text: string): Html {
  return html`<p class="more warning">${text}</p>\n`;
}

function reservations(input: ReviewInput): string[] {
  const { selfCheck, predicted } = input.whatIf;
  const { lost, rejected } = input.trace.records;
  return [
    ...(selfCheck.passed ? [] : ['The replay does not reproduce the recording: see the self-check before quoting this figure.']),
    ...(lost > 0 ? [`The capture reports ${formatCount(lost)} lost records; counts are too low by what they held.`] : []),
    ...(rejected > 0 ? [`${formatCount(rejected)} records could not be read; see the quality of the data.`] : []),
    ...(predicted.stalls > 0 ? [`${formatCount(predicted.stalls)} commands stalled in the replay: wake-ups were lost.`] : []),
  ];
}

function change(saved: number): string {
  return saved < 0 ? `${formatPercent(-saved)} more` : `${formatPercent(saved)} fewer`;
}

/** "12.0 % to 15.0 %", or with directions where the interval holds 0. */
export function changes(low: number, high: number): string {
  return low >= 0 ? `${formatPercent(low)} to ${formatPercent(high)}` : `${change(low)} to ${change(high)}`;
}
