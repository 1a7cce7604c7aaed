// What a register write costs the vCPU, read off a recording that has its exits: kvm_exit up to kvm_entry, with a doorbell of an
// I/O queue in between. Nothing is guessed where there are too few.

import { formatCount } from '../base/units.js';
import { ExitBook } from '../history/exits.js';
import type { TimeWindow } from '../metrics/occupancy.js';
import { ascending } from '../metrics/stats.js';
import type { Transport } from '../model/transport.js';
import type { BatchConsumer } from '../trace/batch.js';
import { SIDE_CQ } from '../trace/event.js';

/** Fewer exits than this say nothing. */
const MIN_EXITS = 30;
/** Durations that are kept of each side; the first ones. */
const MAX_KEPT = 100_000;
/**
 * The quantile that is taken. An exit holds the wait for the device's lock, if there was one, and the model waits by itself; the
 * shorter ones hold none.
 */
const QUANTILE = 0.25;

export class TransportFit {
  private readonly kept: readonly [number[], number[]] = [[], []];
  private readonly window: TimeWindow | undefined;
  private readonly book = new ExitBook((side, durationNs) => {
    const kept = this.kept[side === SIDE_CQ ? 1 : 0];
    if (kept.length < MAX_KEPT) kept.push(durationNs);
  });

  /** @param window only exits in it are taken; undefined: all are */
  constructor(window?: TimeWindow) {
    this.window = window;
  }

  /** Takes every event of the trace. */
  readonly consume: BatchConsumer = (batch) => {
    const { fromNs, toNs } = this.window ?? { fromNs: -Infinity, toNs: Infinity };
    for (let row = 0; row < batch.length; row++) if (batch.timeNs[row]! >= fromNs && batch.timeNs[row]! < toNs) this.book.push(batch, row);
  };

  /**
   * The transport with the recorded cost, or undefined where the recording has too few exits. Writes of the CQ head are taken if there
   * are enough: they wake nobody, and waking is the device's part.
   */
  result(like: Transport): Transport | undefined {
    const [sq, cq] = this.kept;
    const [of, name] = cq.length >= MIN_EXITS ? [cq, 'CQ head'] : [sq, 'SQ tail'];
    if (of.length < MIN_EXITS) return undefined;
    const vcpuNs = ascending(of)[Math.floor((of.length - 1) * QUANTILE)]!;
    return {
      ...like,
      name: `${like.name} (fitted)`,
      vcpuNs,
      deliveryNs: Math.min(like.deliveryNs * (vcpuNs / like.vcpuNs), vcpuNs),
      source: `this recording: lower quartile of ${formatCount(of.length)} exits for writes of the ${name}`,
    };
  }
}
