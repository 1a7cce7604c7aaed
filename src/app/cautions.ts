// What has to be said beside a prediction, because its recording can't tell it.

import { formatCount } from '../base/units.js';
import type { ReplayResult } from './replay.js';

/** Sentences about a prediction with shadow doorbells on or off; none where there is nothing to say. */
export function cautionsOf(shadow: 'on' | 'off', { baseline, predicted }: Pick<ReplayResult, 'baseline' | 'predicted'>): readonly string[] {
  if (shadow === 'on' || baseline.source === 'recorded') return [];
  const { low, high } = predicted.mmioInterval.cq;
  return [
    'A recording with shadow doorbells on shows few of the moments at which the host let the device run, and these decide how many completions share a CQ write with them off: ' +
      `take the interval (${formatCount(Math.round(low))} to ${formatCount(Math.round(high))} writes of the CQ head), not the count.`,
  ];
}
