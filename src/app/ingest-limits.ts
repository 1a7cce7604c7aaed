// When an ingest refuses what it has read, and how it says so.

import { inputError } from '../base/errors.js';
import { formatCount, plural } from '../base/units.js';
import type { TallyTotals } from '../trace/tally.js';

export interface IngestLimits {
  /** Refuse a source with any reject or unknown record. */
  readonly strict?: boolean | undefined;
  /** Refuse a source with more rejects than this. */
  readonly maxRejects?: number | undefined;
}

/** What was seen in a source. */
export interface Seen {
  readonly path: string;
  readonly format: string;
  readonly evidence: string | undefined;
  readonly events: number;
  readonly outcome: TallyTotals;
}

const NAMES_SHOWN = 5;

/** Throws an input error when the source holds no event at all, or more faults than the limits allow. */
export function refuseUnusable(seen: Seen, limits: IngestLimits): void {
  const { ignored, unknown, rejected } = seen.outcome.counts;
  const { maxRejects } = limits;
  if (seen.events === 0) {
    throw refusal(seen, `holds no event. Read as ${seen.format}${seen.evidence === undefined ? '' : ` (${seen.evidence})`}`, [
      ignored + unknown > 0
        ? 'Check which events the capture had switched on: docs/formats says what each format needs.'
        : 'Nothing of it could be read: if it is cut off or damaged, copy it or capture again.',
      seen.evidence === undefined ? 'Leave --format out to have the format recognised.' : 'If the format is wrong, name it with --format.',
    ]);
  }
  if (limits.strict === true && unknown + rejected > 0) {
    throw refusal(seen, `has ${plural(unknown, 'unknown record')} and ${plural(rejected, 'reject')}; --strict allows none`, [
      'Leave --strict out to keep what was understood.',
    ]);
  }
  if (maxRejects !== undefined && rejected > maxRejects) {
    throw refusal(seen, `has ${plural(rejected, 'reject')}; --max-rejects allows ${formatCount(maxRejects)}`, [
      'Raise --max-rejects to keep what was understood.',
    ]);
  }
}

function refusal(seen: Seen, fault: string, suggestions: readonly string[]): Error {
  const { counts, ignoredNames, unknownNames, rejectReasons, rejects } = seen.outcome;
  const { read, ignored, unknown, rejected } = counts;
  const parts = [
    `${seen.path} ${fault}; nothing was kept`,
    `${plural(read, 'record')}: ${formatCount(ignored)} ignored${names(ignoredNames)}, ` +
      `${formatCount(unknown)} unknown${names(unknownNames)}, ${formatCount(rejected)} rejected${names(rejectReasons)}`,
  ];
  const first = rejects[0];
  if (first !== undefined) parts.push(`first reject at ${first.place}: ${first.reason}: ${JSON.stringify(first.text)}`);
  return inputError(parts.join('. '), { where: { file: seen.path }, suggestions });
}

/** The most frequent names: " (a 12, b 3, and 4 more)". */
function names(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return '';
  const shown = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, NAMES_SHOWN);
  const more = counts.size > NAMES_SHOWN ? [`and ${counts.size - NAMES_SHOWN} more`] : [];
  return ` (${[...shown.map(([name, n]) => `${name} ${formatCount(n)}`), ...more].join(', ')})`;
}
