// The quality of the data: what became of each record of the capture, its clock, and what was inferred or left out.

import { formatCount, formatNs } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { ReviewInput } from '../input.js';
import { sourcesHtml } from './cards.js';
import { htmlTable, type HtmlColumn } from './table.js';

const COLUMNS: readonly HtmlColumn[] = [
  { title: 'capture' },
  ...['read', 'events', 'ignored', 'unknown', 'rejected', 'lost'].map((title) => ({ title, isNumber: true })),
];

/** The data quality box. */
export function qualityHtml(input: ReviewInput): Html {
  const { trace } = input;
  const { records } = trace;
  return html`<section class="box" aria-labelledby="quality">
<h2 id="quality">Quality of the data</h2>
${htmlTable('Records of the capture', COLUMNS, [
  [trace.name, records.read, records.events, records.ignored, records.unknown, records.rejected, records.lost],
])}<p class="soft">Read = events + ignored + unknown + rejected. Lost records are those that the capture itself reports
as missing.</p>
<dl class="facts">
<dt>Format</dt><dd>${trace.format}</dd>
<dt>Clock</dt><dd>${clockText(trace.clock, trace.spanNs)}</dd>
</dl>
${sourcesHtml(input)}${counts('Unknown records by name', trace.unknown)}${counts('Rejected records by reason', trace.rejects)}${inferred(
    trace.inferred,
  )}</section>
`;
}

function clockText(clock: string, spanNs: number | null): string {
  if (spanNs === null) return 'none: the capture has no time stamps, only an order';
  return `${clock}, ${formatNs(spanNs)} from the first to the last event`;
}

function counts(title: string, byName: Readonly<Record<string, number>>): Html {
  const entries = Object.entries(byName);
  if (entries.length === 0) return NOTHING;
  const items = entries.map(([name, n]) => html`<li><code>${name}</code>: ${formatCount(n)}</li>\n`);
  return html`<h3>${title}</h3>
<ul>
${items}</ul>
`;
}

function inferred(sentences: readonly string[]): Html {
  if (sentences.length === 0) return html`<p>Nothing was inferred or left out.</p>\n`;
  return html`<h3>Inferred or left out</h3>
<ul>
${sentences.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>
`;
}
