// Rows for the tests of further charts: shapes of real what-ifs, made up from a seed.

import { Rng } from '../../src/base/rng.js';
import type { AccuracyRow } from '../../src/charts/accuracy.js';
import { LATENCY_STAGES, QUANTILES, type LatencyRow } from '../../src/charts/latency.js';
import { compareMeasured, type Delta, type Measured } from '../../src/metrics/compare.js';
import type { RateRow } from '../../src/charts/rates.js';
import type { RingRow } from '../../src/charts/rings.js';
import type { SavedRow } from '../../src/charts/saved.js';
import type { Sequence } from '../../src/charts/sequence.js';
import type { SweepRow } from '../../src/charts/sweep.js';
import type { Timeline, TimelineCommand, TimelineMark } from '../../src/charts/timeline.js';

export const SAVED_ROWS: readonly SavedRow[] = [
  { label: 'predicted', kind: 'model', fraction: 0.913, low: 0.879, high: 0.935, note: '90 % of 20 runs' },
  { label: 'captured', kind: 'captured', fraction: 0.868, low: 0.824, high: 0.925, note: 'range of 5 captures' },
  { label: 'twice the idle wakes', kind: 'simple', fraction: 0.843 },
  { label: 'idle wakes and CQ passes', kind: 'simple', fraction: 0.832 },
  { label: 'twice the CQ passes', kind: 'simple', fraction: -0.12 },
];

export const RING_ROWS: readonly RingRow[] = [1, 2].flatMap((qid): RingRow[] => [
  { run: 'recorded', qid, side: 'sq', entries: 3000 + qid, rings: 3000 + qid },
  { run: 'recorded', qid, side: 'cq', entries: 3000 + qid, rings: 300 + qid },
  { run: 'predicted', qid, side: 'sq', entries: 3000 + qid, rings: 140 + 9 * qid },
  { run: 'predicted', qid, side: 'cq', entries: 3000 + qid, rings: qid === 2 ? 0 : 150 },
  { run: 'captured', qid, side: 'sq', entries: 3004, rings: 250 },
  { run: 'captured', qid, side: 'cq', entries: 3004, rings: 240 },
]);

export function rateRows(bins = 100): RateRow[] {
  return ['recorded', 'predicted', 'captured'].flatMap((run, i) => {
    const rng = new Rng(1, run);
    const spanS = 0.3 - i * 0.04;
    return Array.from({ length: bins }, (_, bin) => ({
      run,
      startS: (bin * spanS) / bins,
      endS: ((bin + 1) * spanS) / bins,
      sq: i === 0 ? 40 + rng.below(30) : rng.below(8),
      cq: rng.below(8),
    }));
  });
}

export const LATENCY_ROWS: readonly LatencyRow[] = (['recorded', 'predicted', 'captured'] as const).flatMap((run, i) =>
  LATENCY_STAGES.flatMap((stage, place) =>
    QUANTILES.map((quantile) => ({ run, stage, quantile, ns: place === 2 && quantile < 0.2 ? 0 : (20_000 * (place + 1) * (1 + i / 5)) / (1.02 - quantile) })),
  ),
);

export const ACCURACY_ROWS: readonly AccuracyRow[] = Array.from({ length: 7 }, (_, i) => {
  const captured = 0.1 + i * 0.13;
  const predicted = captured + (i % 3 === 0 ? -0.09 : 0.03);
  return { label: `workload-${i}-off`, predicted, low: predicted - 0.05, high: predicted + 0.04, captured, capturedLow: captured - 0.04, capturedHigh: captured + 0.05 };
});

/** Batches of four commands; every third batch rings. */
export function timeline(count = 40): Timeline {
  const marks: TimelineMark[] = [];
  const commands: TimelineCommand[] = [];
  const rng = new Rng(1, 'timeline');
  const spanS = count * 0.00002;
  for (let i = 0; i < count; i++) {
    const fromS = i * 0.00002 - (i % 4) * 0.000012;
    const fetchedS = fromS + 0.00003 + rng.unit() * 0.00004;
    const completedS = fetchedS + 0.00008 + rng.unit() * 0.0001;
    const reapedS = completedS + 0.00002 + rng.unit() * 0.00006;
    commands.push({ name: `command ${i}`, fromS, fetchedS, completedS: completedS < spanS ? completedS : null, reapedS: reapedS < spanS ? reapedS : null });
    marks.push({ lane: 'driver: builds', kind: 'event', atS: fromS, what: `command ${i}` }, { lane: 'device: fetches', kind: 'event', atS: fetchedS, what: `command ${i}` });
    if (completedS < spanS) marks.push({ lane: 'device: completes', kind: 'event', atS: completedS, what: `command ${i}` });
    if (i % 4 === 3) {
      const isRing = i % 12 === 3;
      marks.push({ lane: isRing ? 'driver: SQ tail' : 'memory: shadow SQ', kind: isRing ? 'ring' : 'no ring', atS: fromS + 0.000004, what: `SQ tail ${i}` });
      marks.push({ lane: 'memory: EventIdx SQ', kind: 'event', atS: fetchedS, what: `EventIdx ${i}` });
      if (completedS < spanS) marks.push({ lane: 'device: interrupts', kind: 'event', atS: completedS + 0.000003, what: 'vector 1' });
      if (reapedS < spanS) marks.push({ lane: isRing ? 'driver: CQ head' : 'memory: shadow CQ', kind: isRing ? 'ring' : 'no ring', atS: reapedS, what: `CQ head ${i}` });
    }
  }
  return { spanS, marks: marks.filter((mark) => mark.atS >= 0 && mark.atS <= spanS), commands };
}

/** One metric of each verdict. */
export const DELTAS: readonly Delta[] = compareMeasured(
  [measured('mmio.total', 6591, 200), measured('mmio.per_command', 1.1, 0.05), measured('commands', 6004, 0), { ...measured('exits.total', 42_300, 0), low: null, high: null }],
  [measured('mmio.total', 1165, 90), measured('mmio.per_command', 1.12, 0.05), measured('commands', 6004, 0), measured('exits.total', 39_000, 10)],
);

function measured(metric: string, value: number, margin: number): Measured {
  return { metric, unit: 'count', value, low: value - margin, high: value + margin };
}

/** A sweep as they come out: clusters, equal points, some that poll, one that is unsafe, one that stalled, one without any write. */
export function sweepRows(count = 38): readonly SweepRow[] {
  const rng = new Rng(1, 'sweep');
  const off = sweepRow({ policy: 'off', mmioPerIo: 1.06, savedFraction: 0, addedP50Ns: 0, addedP99Ns: 0 });
  const others = Array.from({ length: count - 1 }, (_, i): SweepRow => {
    const mmioPerIo = (i % 2 === 0 ? 0.045 : 0.09) * (0.8 + 0.4 * rng.unit());
    const twin = i % 6 === 5;
    const polls = i % 5 === 4 ? rng.unit() : 0;
    const addedNs = i === 3 ? 1_900_000 : Math.round(300_000 * (rng.unit() - 0.6));
    return sweepRow({
      policy: twin ? 'twin' : `policy-${i}:k=${i}`,
      cqPolicy: i % 2 === 0 ? 'arm-when-full' : 'follow-head',
      mmioPerIo: twin ? 0.045 : i === 8 ? 0 : mmioPerIo / (1 + 9 * polls),
      savedFraction: 1 - mmioPerIo / 1.06,
      addedP50Ns: twin ? -131_072 : addedNs,
      addedP99Ns: twin ? -98_304 : Math.round(addedNs * 1.2),
      pollCpu: polls,
      flaw: i === 10 ? 'lost-wakeup' : i === 13 ? 'stalled in 2 of 5 runs' : '',
      onFrontier: (i % 9 === 4 && i !== 13) || i === 8,
      wins: i === 8 ? ['no limit'] : [],
    });
  });
  return [off, ...others];
}

export function sweepRow(row: Partial<SweepRow>): SweepRow {
  return {
    policy: 'follow-tail', cqPolicy: 'follow-head', driver: 'linux-batched', device: 'qemu', transport: 'userspace-exit', cells: 5, mmioPerIo: 0.05, savedFraction: null,
    p50Ns: 2_500_000, p99Ns: 4_000_000, addedP50Ns: 0, addedP99Ns: 0, pollCpu: 0, flaw: '', onFrontier: false, wins: [], ...row,
  };
}

/** A counterexample in eight steps, with an arrow each way and a text that takes several lines. */
export const SEQUENCE: Sequence = {
  title: 'follow-tail (SQ) with google-2014: lost-wakeup under tso',
  start: 'device asleep, queue empty',
  lanes: ['driver', 'device'],
  steps: Array.from({ length: 8 }, (_, i) => ({
    step: i + 1,
    lane: Math.floor(i / 2) % 2,
    text: i === 3 ? 'fetches entry 0, and then goes on to the next entry, which is there as well, up to the tail that it saw: head 2' : `stores shadow = ${i}`,
    ...(i % 3 === 1 ? { reaches: 1 - (Math.floor(i / 2) % 2), quiet: true } : {}),
  })),
  end: 'the device sleeps at head 1, the shadow doorbell says 2, and no ring is on its way',
};
