// The three answers of the first screen: what doorbells cost, what the what-if saves, how sure that is.

import { formatCount, formatNs, formatPercent } from '../../base/units.js';
import { bindPercent } from '../../charts/heading.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { ReviewInput } from '../input.js';
import { changes } from './headline.js';
import { recordedOf, type Without, withoutShadow } from './without.js';

/** The cards below the finding. */
export function cardsHtml(input: ReviewInput): Html {
  return html`<div class="cards">
${[costCard(input), savedCard(input), sureCard(input)]}</div>
`;
}

function card(title: string, big: string, sentences: readonly (string | Html)[]): Html {
  return html`<section aria-label="${title}">
<h2>${title}</h2>
<p class="big">${bindPercent(big)}</p>
${sentences.map((sentence) => html`<p>${typeof sentence === 'string' ? bindPercent(sentence) : sentence}</p>\n`)}</section>
`;
}

/** Exits where the capture shows them; otherwise the writes, each of which is one under a transport that traps. */
function costCard({ exits, controllers, whatIf }: ReviewInput): Html {
  const { commands, writes } = recordedOf(controllers);
  const perCommand = commands === 0 ? [] : [`${(writes / commands).toFixed(2)} for each of ${formatCount(commands)} commands.`];
  if (exits === undefined) {
    return card('What doorbells cost', `${formatCount(writes)} writes`, [
      'MMIO writes of doorbells on I/O queues, as recorded.',
      ...perCommand,
      `The capture shows no VM exits; over the transport ${whatIf.transport} each write is one.`,
    ]);
  }
  const { sq, cq, all } = exits;
  const own = { exits: sq.exits + cq.exits, totalNs: sq.totalNs + cq.totalNs };
  const each = own.exits === 0 ? [] : [`${formatNs(own.totalNs / own.exits)} each: ${formatNs(own.totalNs)} outside of the guest, ${formatPercent(share(own.totalNs, all.totalNs))} of all such time.`];
  return card('What doorbells cost', `${formatCount(own.exits)} VM exits`, [
    `${formatPercent(share(own.exits, all.exits))} of ${formatCount(all.exits)} exits: ${formatCount(sq.exits)} for SQ tails, ${formatCount(cq.exits)} for CQ heads.`,
    ...each,
    ...perCommand,
  ]);
}

function savedCard(input: ReviewInput): Html {
  const { whatIf, exits } = input;
  const { predicted, baseline } = whatIf;
  const without = withoutShadow(input);
  const { fraction, low, high } = without?.saved ?? predicted.saved;
  const perExitNs = exits === undefined ? NaN : (exits.sq.totalNs + exits.cq.totalNs) / (exits.sq.exits + exits.cq.exits);
  const fewer = without === null ? baseline.mmio.total - predicted.mmio.total.median : without.needed.median - without.recorded;
  const time = perExitNs > 0 && fewer > 0 ? [`At ${formatNs(perExitNs)} per exit about ${formatNs(fewer * perExitNs)} less outside of the guest.`] : [];
  const counts =
    without === null
      ? `${formatCount(Math.round(predicted.mmio.total.median))} writes instead of ${formatCount(baseline.mmio.total)} (${baseline.name}).`
      : `${formatCount(without.recorded)} writes, as recorded, instead of ${formatCount(Math.round(without.needed.median))}.`;
  return card(whatIf.shadow === 'on' || without !== null ? `What shadow doorbells ${fraction < 0 ? 'add' : 'save'}` : `What shadow doorbells off ${fraction < 0 ? 'adds' : 'saves'}`, formatPercent(Math.abs(fraction)), [
    `90 % interval ${changes(low, high)}${low < 0 ? '' : ' saved'}.`,
    counts,
    ...time,
  ]);
}

function sureCard(input: ReviewInput): Html {
  const { whatIf, captured, trace } = input;
  const { selfCheck, baselines } = whatIf;
  const failed = selfCheck.items.filter((item) => !item.passed).length;
  const simple = baselines.map(({ saved }) => saved);
  const { lost, rejected } = trace.records;
  return card('How sure that is', selfCheck.passed ? 'Self-check passed' : 'Self-check failed', [
    selfCheck.passed
      ? 'Replayed as recorded, the model gives the recording back.'
      : html`<span class="warning">Replayed as recorded, ${failed} of ${selfCheck.items.length} quantities don't come back: don't rely on the prediction.</span>`,
    captured === undefined ? 'No capture of the predicted configuration to compare with.' : capturedText(captured, withoutShadow(input)),
    ...(simple.length === 0 ? [] : [`Predictors without a model: ${formatPercent(Math.min(...simple))} to ${formatPercent(Math.max(...simple))}.`]),
    lost + rejected === 0 ? 'No record lost or unreadable.' : html`<span class="warning">${formatCount(lost)} records lost, ${formatCount(rejected)} unreadable.</span>`,
  ]);
}

function capturedText({ names, saved, covered, savedError, mmio }: NonNullable<ReviewInput['captured']>, without: Without | null): string | Html {
  const what = without === null ? formatPercent(saved.mean) : `${formatCount(Math.round(mmio.total.mean))} writes without them`;
  const off = without === null ? `, off by ${(Math.abs(savedError) * 100).toFixed(1)} points` : '';
  const text = `Captured: ${what} (${names.length === 1 ? names[0]! : `mean of ${names.length}`}), ${covered ? 'within' : 'outside'} the interval${off}.`;
  return covered ? text : html`<span class="warning">${text}</span>`;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** The captures that a joined trace is from, and how their clocks were brought together. */
export function sourcesHtml({ sources }: Pick<ReviewInput, 'sources'>): Html {
  if (sources.length === 0) return NOTHING;
  return html`<h3>Joined captures</h3>
<ul>
${sources.map(({ name, format, alignment }, i) => html`<li>source ${i}, <code>${name}</code> (${format}): ${alignment}</li>\n`)}</ul>
`;
}
