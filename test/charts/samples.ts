// Rows for chart tests: the sizes and shapes of a real what-if, made up from a seed.

import { Rng } from '../../src/base/rng.js';
import { STAGES, type OccupancyRow } from '../../src/charts/occupancy.js';
import type { MmioRow } from '../../src/charts/mmio.js';

/** A name as an attacker would choose it. */
export const HOSTILE = '<img src=x onerror=alert(1)>';

/** Recorded 6004 + 587, predicted 420 + 410 in [620, 1100], captured 501 + 455. */
export const MMIO_ROWS: readonly MmioRow[] = [
  { label: 'recorded', side: 'sq', writes: 6004, note: 'shadow doorbells off' },
  { label: 'recorded', side: 'cq', writes: 587 },
  { label: 'predicted', side: 'sq', writes: 420, low: 620, high: 1100, note: 'median of 8 replays' },
  { label: 'predicted', side: 'cq', writes: 410 },
  { label: 'captured', side: 'sq', writes: 501, note: 'mean of 5 captures' },
  { label: 'captured', side: 'cq', writes: 455 },
];

export const MMIO_SUBTITLE =
  'randread32-off-1, replayed with shadow doorbells on, policy qemu: 87.4 % saved (90 % interval 83.3 % to 90.6 %)';

export const OCCUPANCY_SUBTITLE = 'randread32-off-1 and its replay with shadow doorbells on, policy qemu, seed 1';

interface Shape {
  readonly runs?: readonly string[];
  readonly qids?: readonly number[];
  readonly bins?: number;
  readonly spanS?: number;
}

/** Bursts of up to 32 entries that pass through the stages one after the other. */
export function occupancyRows({ runs = ['recorded', 'predicted'], qids = [1, 2], bins = 120, spanS = 0.02 }: Shape = {}): OccupancyRow[] {
  return runs.flatMap((run) => qids.flatMap((qid) => burstRows(run, qid, bins, spanS)));
}

function burstRows(run: string, qid: number, bins: number, spanS: number): OccupancyRow[] {
  const rng = new Rng(1, `${run} ${qid}`);
  const widthS = spanS / bins;
  const rows: OccupancyRow[] = [];
  let phase = 0;
  let burst = 32;
  for (let bin = 0; bin < bins; bin++) {
    phase += 1;
    if (phase > 9 + rng.below(4)) {
      phase = 0;
      burst = rng.unit() < 0.6 ? 32 : 1 + rng.below(8);
    }
    STAGES.forEach((stage, i) => {
      const held = Math.max(0, burst - Math.abs(phase - 2 - 2 * i) * 14);
      const spread = held === 0 ? 0 : 2 + rng.below(8);
      const [min, max] = [Math.max(0, held - spread), Math.min(32, held + spread)];
      rows.push({ run, qid, stage, startS: bin * widthS, endS: (bin + 1) * widthS, min, median: held, max });
    });
  }
  return rows;
}
