// How many doorbell writes a capture may have missed, as bounds on what it counted.
//
// Two kinds of evidence. What the capture says of itself: records lost, and records that could not be understood; any of them
// can have been a doorbell write of any queue. And what the traffic says: with shadow doorbells off, a command that the device
// fetched although no doorbell told of it was announced by a write that is missing; and a completion queue whose entries were
// used again was given back by writes that are missing. Several commands can share one write, so such evidence proves few
// writes, and leaves room for as many as there are commands. Where the driver announces commands one by one, the few writes
// that pass over entries can each stand for several; where it announces batches, a write that is missing leaves no such trace.

import type { QueueAccount } from './accounts.js';

/** A count that is known within bounds; both are the same where nothing is missing. */
export interface Bounds {
  readonly low: number;
  /** Null: the capture doesn't say how many records it lost, so there is no upper bound. */
  readonly high: number | null;
}

export interface QueueBounds {
  readonly controller: number;
  readonly qid: number;
  readonly sq: Bounds;
  readonly cq: Bounds;
}

export interface MmioBounds {
  readonly queues: readonly QueueBounds[];
  /** Over the I/O queues. */
  readonly sq: Bounds;
  readonly cq: Bounds;
  readonly total: Bounds;
}

/** Doorbell register writes of an I/O queue that the capture shows. */
export interface QueueWrites {
  readonly controller: number;
  readonly qid: number;
  readonly sq: number;
  readonly cq: number;
}

/**
 * Bounds of the doorbell register writes of the I/O queues. `missing`: records of the capture that are lost or rejected;
 * null when it doesn't say how many.
 */
export function mmioBounds(accounts: readonly QueueAccount[], counted: readonly QueueWrites[], missing: number | null): MmioBounds {
  const proven = accounts
    .filter(({ sq }) => sq.qid > 0)
    .map((account) => ({ controller: account.sq.controller, qid: account.sq.qid, sq: missingSq(account), cq: missingCq(account) }));
  const queues = counted.map(({ controller, qid, sq, cq }) => {
    const own = proven.filter((one) => one.controller === controller && one.qid === qid);
    return { controller, qid, sq: widened(sq, own.map((one) => one.sq), missing), cq: widened(cq, own.map((one) => one.cq), missing) };
  });
  const total = (of: 'sq' | 'cq'): Bounds =>
    widened(counted.reduce((before, one) => before + one[of], 0), proven.map((one) => one[of]), missing);
  const [sq, cq] = [total('sq'), total('cq')];
  // A missing record is one write at most: it isn't counted for both sides.
  return { queues, sq, cq, total: { low: sq.low + cq.low, high: sum(sum(sq.high, cq.high), missing === null ? null : -missing) } };
}

function widened(counted: number, more: readonly Bounds[], missing: number | null): Bounds {
  return {
    low: more.reduce((before, { low }) => before + low, counted),
    high: more.reduce<number | null>((before, { high }) => sum(before, high), sum(counted, missing)),
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

const NONE: Bounds = { low: 0, high: 0 };

/** Share of writes that move by one entry, from which on the driver is taken to announce commands one by one. */
const ONE_BY_ONE = 0.99;

function missingSq({ sq, sides, fetched }: QueueAccount): Bounds {
  // A queue that is older than the capture can have had shadow doorbells from before.
  if (sq.shadow || sq.depthInferred) return NONE;
  const passed = sides.sq.singles >= ONE_BY_ONE * sides.sq.mmio ? sides.sq.skipped : 0;
  if (sq.silent === 0) return { low: 0, high: passed };
  const least = leastRings(fetched, sq.depth);
  // Where records contradict each other, a fetch that nothing told of may be one too many: it proves no write.
  const sure = sq.unseen === 0 && sq.givenUp === 0 ? 1 : 0;
  return { low: Math.max(least - sides.sq.mmio, sure), high: sq.silent + passed };
}

function missingCq({ sq, sides }: QueueAccount): Bounds {
  const { cq } = sq;
  if (sq.shadow || cq.depthInferred || cq.qid !== sq.qid) return NONE;
  // Entries that no doorbell gave back; a full queue can keep its last ones.
  const kept = cq.completed - cq.released;
  if (kept < cq.depth) return NONE;
  return { low: Math.max(leastRings(cq.completed - (cq.depth - 1), cq.depth) - sides.cq.mmio, 1), high: kept };
}

/** Writes that it takes to move by so many entries: one can move by depth - 1 at most. */
function leastRings(entries: number, depth: number): number {
  return Math.ceil(entries / (depth - 1));
}
