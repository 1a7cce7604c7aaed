// The policies: what each costs on this recording, and whether it can lose a wake-up; and what the audit found in the recording.

import { shellWord } from '../../base/text.js';
import { formatNs, formatPercent, plural } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { AuditFacts, PolicyFacts, ReviewInput, VerdictFacts } from '../input.js';
import { htmlTable } from './table.js';

/** The section on policies and verdicts. */
export function verdictsHtml({ policies, verdicts, audit, trace }: ReviewInput): Html {
  return html`<section aria-labelledby="verdicts">
<h2 id="verdicts">Policies and verdicts</h2>
${[policiesHtml(policies), safetyHtml(verdicts), auditHtml(audit, trace.name)]}</section>
`;
}

function policiesHtml(policies: readonly PolicyFacts[]): Html {
  if (policies.length < 2) return html`<p class="soft">The store holds no other what-if of this trace: "bellwether replay" adds one, and the review then compares them.</p>\n`;
  const rows = policies.map(({ name, configuration, total, saved, p99Ns, stalls }) => [
    name,
    configuration,
    total,
    `${formatPercent(saved.fraction)} [${formatPercent(saved.low)} – ${formatPercent(saved.high)}]`,
    p99Ns === null ? null : formatNs(p99Ns),
    stalls,
  ]);
  const numbers = ['MMIO writes', 'saved [90\u00a0%\u00a0interval]', 'p99 latency', 'stalls'].map((title) => ({ title, isNumber: true }));
  return htmlTable('What-ifs of this trace', [{ title: 'policy' }, { title: 'under' }, ...numbers], rows);
}

function safetyHtml(verdicts: readonly VerdictFacts[]): Html {
  if (verdicts.length === 0) return NOTHING;
  const rows = verdicts.map(({ policy, side, verdict, states, reason, under }) => [
    policy,
    side.toUpperCase(),
    html`<span class="${verdict === 'safe' ? 'good' : 'warning'}">${verdict}</span>`,
    states,
    [reason, under].filter((text) => text !== '').join('; '),
  ]);
  return htmlTable('Can it lose a wake-up? Every interleaving within bounds', [{ title: 'policy' }, { title: 'side' }, { title: 'verdict' }, { title: 'states', isNumber: true }, { title: 'checked under' }], rows);
}

function auditHtml(audit: AuditFacts | undefined, trace: string): Html {
  if (audit === undefined) return html`<p class="soft">The store holds no finding of an audit; "bellwether check ${shellWord(trace)}" audits the recording.</p>\n`;
  const { errors, warnings, notes } = audit;
  return html`<p>Audit of the recording: <span class="${errors > 0 ? 'warning' : 'good'}">${plural(errors, 'error')}</span>, ${plural(warnings, 'warning')}, ${plural(notes, 'note')}, as far as findings were kept. Their evidence: "bellwether check ${shellWord(trace)}".</p>\n`;
}
