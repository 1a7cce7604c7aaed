// One submission queue with its completion queue, as both sides hold it.
// Indexes wrap at the depth; counts never do. Who may write a field stands above it.

import type { Side } from '../nvme/doorbell.js';
import { wordIndex } from './memory.js';
import { type PolicyView, newView } from './policy/policy.js';

export interface QueuePairSpec {
  readonly qid: number;
  /** Entries of the SQ and of the CQ, 2 .. 65536. */
  readonly sqDepth: number;
  readonly cqDepth: number;
  /** Whether the CQ was created without interrupts: the driver looks for completions when it needs them. */
  readonly polled?: boolean;
}

export class QueuePair {
  readonly qid: number;
  /** Its place among the machine's pairs, from 0. */
  readonly place: number;
  readonly sqDepth: number;
  readonly cqDepth: number;
  readonly polled: boolean;
  /** Its words in the doorbell buffers. */
  readonly sqWord: number;
  readonly cqWord: number;

  // The driver's.
  sqTail = 0;
  /** The SQ tail that it announced last. */
  announcedTail = 0;
  cqHead = 0;
  submitted = 0;
  /** Commands that were submitted before the queue was last created: the next one had slot 0. */
  startedAt = 0;
  /** Opcodes of special commands on their way to the device, by position. */
  readonly special = new Map<number, number>();
  reaped = 0;
  /** When it announced a value of a side last, by register or shadow doorbell, in ns. */
  readonly announcedNs: Record<Side, number> = { sq: 0, cq: 0 };

  // The device's.
  /** When it learned a side's value last, in ns. */
  readonly lookedNs: Record<Side, number> = { sq: 0, cq: 0 };
  fetched = 0;
  /** Finished, on their way to the CQ or in it. */
  completed = 0;
  /** In the CQ. */
  posted = 0;
  /** What the device knows of the SQ: position = head, seen = tail. */
  readonly sq: PolicyView;
  /** What the device knows of the CQ: position = tail, seen = head. */
  readonly cq: PolicyView;

  constructor(spec: QueuePairSpec, place: number) {
    this.qid = spec.qid;
    this.place = place;
    this.sqDepth = spec.sqDepth;
    this.cqDepth = spec.cqDepth;
    this.polled = spec.polled ?? false;
    this.sqWord = wordIndex(spec.qid, 'sq');
    this.cqWord = wordIndex(spec.qid, 'cq');
    this.sq = newView(spec.sqDepth);
    this.cq = newView(spec.cqDepth);
  }

  /** The driver announced a side's value. */
  announced(side: Side, nowNs: number): void {
    if (side === 'sq') this.announcedNs.sq = nowNs;
    else this.announcedNs.cq = nowNs;
  }

  /** The device learned a side's value. */
  looked(side: Side, nowNs: number): void {
    if (side === 'sq') this.lookedNs.sq = nowNs;
    else this.lookedNs.cq = nowNs;
  }

  /**
   * The queue is created anew after a controller reset: its indexes are 0 again. What was outstanding is forgotten; the driver has to
   * submit it again. Returns how many commands that are.
   */
  recreate(): number {
    const lost = this.submitted - this.reaped;
    this.sqTail = 0;
    this.announcedTail = 0;
    this.cqHead = 0;
    this.special.clear();
    this.submitted = this.reaped;
    this.fetched = this.reaped;
    this.completed = this.reaped;
    this.posted = this.reaped;
    this.startedAt = this.reaped;
    for (const view of [this.sq, this.cq]) Object.assign(view, { position: 0, seen: 0, published: 0, inFlight: 0 });
    return lost;
  }
}

/** One of something for each pair, by the pair's place; the places of other pairs are empty. */
export function byPlace<T>(pairs: readonly QueuePair[], of: (pair: QueuePair) => T): readonly T[] {
  const items: T[] = [];
  for (const pair of pairs) items[pair.place] = of(pair);
  return items;
}

/**
 * The command identifier of the command at a position: unique among outstanding commands, because at most
 * depth - 1 < 65536 are. The model's devices complete each queue in order, so a CQE's position names its command.
 */
export function cidAt(position: number): number {
  return position & 0xffff;
}
