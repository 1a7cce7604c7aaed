// How the clock of a source was aligned, in words.

import { formatCount, formatNs, plural } from '../base/units.js';
import type { SourceReport } from './trace-report.js';

const NS_DIGITS = 9;

/** "12,000 matches put it between bounds: offset +8.438382500 s, within 15.5 us; ..."; for a source that was joined. */
export function alignmentText(alignment: NonNullable<SourceReport['alignment']>): string {
  const { method, aligned_to: to, offset_ns: offset, drift_ppb: drift, matches, margin_ns: margin, residual_ns: residual } = alignment;
  const merged = alignment.events_merged === 0 ? '' : `; ${formatCount(alignment.events_merged)} of its events stand as another's`;
  if (method === 'reference') return `its clock is the trace's${merged}`;
  const moved = `offset ${secondsText(BigInt(offset))} s`;
  if (method === 'given') return `${moved}, as given${merged}`;
  const parts = [`${moved} by ${plural(matches, 'match', 'matches')} with source ${to} (${method})`];
  if (drift !== 0) parts.push(`drift ${drift / 1000} ppm`);
  if (margin !== null) parts.push(margin >= 0 ? `right within ${formatNs(margin)}` : `bounds contradict each other by ${formatNs(-margin)}`);
  if (residual !== null) parts.push(`median distance ${formatNs(residual)}`);
  return `${parts.join(', ')}${merged}`;
}

/** Nanoseconds as seconds with all digits and a sign: -1500000000n -> "-1.500000000". */
function secondsText(ns: bigint): string {
  const digits = String(ns < 0n ? -ns : ns).padStart(NS_DIGITS + 1, '0');
  return `${ns < 0n ? '-' : '+'}${digits.slice(0, -NS_DIGITS)}.${digits.slice(-NS_DIGITS)}`;
}
