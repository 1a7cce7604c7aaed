// Counts of a trace's I/O by blocks of equal time.

import { KIND } from '../trace/event.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { KIND_SQL, QUEUE_SQL, SIDE_SQL } from './pack.js';
import type { TraceRow } from './queries.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** Events of I/O queues in each block, from the first doorbell or command to the last. */
export interface BlockCounts {
  readonly spanNs: number;
  readonly mmio: { readonly sq: readonly number[]; readonly cq: readonly number[] };
  /** Fetched; where no fetch was captured, built. */
  readonly commands: readonly number[];
  readonly interrupts: readonly number[];
}

/** Counts by blocks; undefined for a trace whose I/O takes no time. */
export function blockCounts(store: Store, { id }: Pick<TraceRow, 'id'>, blocks: number): BlockCounts | undefined {
  const ofTrace = `e.id >= @trace * ${EVENTS_PER_TRACE} AND e.id < (@trace + 1) * ${EVENTS_PER_TRACE}`;
  const io = [KIND['doorbell.mmio'], KIND['command.setup'], KIND['command.fetch']].join(', ');
  const ends = store.db.prepare<[object], [number | null, number | null]>(`SELECT min(e.time_ns), max(e.time_ns) FROM event AS e WHERE ${ofTrace} AND ${KIND_SQL} IN (${io}) AND ${QUEUE_SQL} > 0`).raw();
  const [fromNs, toNs] = guarded(store.file, () => ends.get({ trace: id })) ?? [null, null];
  if (fromNs === null || toNs === null || toNs <= fromNs) return undefined;
  const select = store.db
    .prepare<[object], [number, number, number, number]>(
      `SELECT min(cast((e.time_ns - @fromNs) / @widthNs AS INTEGER), @last) AS block, ${KIND_SQL} AS kind, ${SIDE_SQL} AS side, count(*) FROM event AS e
       WHERE ${ofTrace} AND e.time_ns BETWEEN @fromNs AND @toNs AND (${KIND_SQL} IN (${io}) AND ${QUEUE_SQL} > 0 OR ${KIND_SQL} = ${KIND.interrupt})
       GROUP BY block, kind, side`,
    )
    .raw();
  const zeros = (): number[] => Array.from({ length: blocks }, () => 0);
  const counts = { sq: zeros(), cq: zeros(), setups: zeros(), fetches: zeros(), interrupts: zeros() };
  const rows = guarded(store.file, () => select.all({ trace: id, fromNs, toNs, widthNs: (toNs - fromNs) / blocks, last: blocks - 1 }));
  for (const [block, kind, side, count] of rows) {
    const into = kind === KIND['doorbell.mmio'] ? (side === 1 ? counts.cq : counts.sq) : kind === KIND['command.setup'] ? counts.setups : kind === KIND.interrupt ? counts.interrupts : counts.fetches;
    into[block]! += count;
  }
  const commands = counts.fetches.some((n) => n > 0) ? counts.fetches : counts.setups;
  return { spanNs: toNs - fromNs, mmio: { sq: counts.sq, cq: counts.cq }, commands, interrupts: counts.interrupts };
}
