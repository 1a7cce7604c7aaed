// What has to be said beside a prediction, because its recording can't tell it.

import { formatCount, formatPercent } from '../base/units.js';
import { DEVICES } from '../model/device/catalogue.js';
import type { ReplayResult, RunParameters } from './replay.js';
import type { ReplayedWindow } from './replayed-window.js';

/** Above this share of a window's commands, what is under way at its edges shapes the prediction. */
const MUCH_AT_EDGES = 0.1;

/** What a short window can't tell: the replay begins with nothing under way, the window did not. */
export function edgeCautions(window: ReplayedWindow | null, commands: number): readonly string[] {
  if (window === null) return [];
  const under = window.in_flight_at_start + window.in_flight_at_end;
  if (under <= commands * MUCH_AT_EDGES) return [];
  return [`${formatPercent(under / Math.max(commands, 1))} of the window's commands were under way at its edges, and a replay begins and ends with none: take a longer window.`];
}

/** Below so many commands a recording shows each step too seldom for its times to be drawn from. */
const FEW_COMMANDS = 100;

/** A recording too short to say much. */
export function shortCautions(commands: number): readonly string[] {
  return commands >= FEW_COMMANDS ? [] : [`Only ${formatCount(commands)} commands were recorded: too few to tell how long their steps take, or how much that varies.`];
}

/** Policies that were asked for and have nothing to do. */
export function idlePolicyCautions({ shadow, device, policy, cq_policy: cqPolicy }: Pick<RunParameters, 'shadow' | 'device' | 'policy' | 'cq_policy'>): readonly string[] {
  const own = DEVICES.find(({ name }) => name === device);
  if (shadow === 'on' || own === undefined) return [];
  const asked = [policy === own.sqPolicy.name ? [] : [policy], cqPolicy === own.cqPolicy.name ? [] : [cqPolicy]].flat();
  return asked.length === 0 ? [] : [`Shadow doorbells are off in this prediction, so that ${asked.join(' and ')} had nothing to do: --shadow on puts event-index policies to work.`];
}

/** Sentences about a prediction with shadow doorbells on or off; none where there is nothing to say. */
export function cautionsOf(shadow: 'on' | 'off', { baseline, predicted }: Pick<ReplayResult, 'baseline' | 'predicted'>): readonly string[] {
  if (shadow === 'on' || baseline.source === 'recorded') return [];
  const { low, high } = predicted.mmioInterval.cq;
  return [
    'A recording with shadow doorbells on shows few of the moments at which the host let the device run, and these decide how many completions share a CQ write with them off: ' +
      `take the interval (${formatCount(Math.round(low))} to ${formatCount(Math.round(high))} writes of the CQ head), not the count.`,
  ];
}
