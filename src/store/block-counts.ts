// Counts of a trace's I/O by blocks of equal time.

import { KIND } from '../trace/event.js';
import { guarded } from './failure.js';
import type { Store } from './open.js';
import { KIND_SQL, QUEUE_SQL, SIDE_SQL } from './pack.js';
import type { TraceRow } from './queries.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** Events of I/O queues in each block of the busy part, which leaves out the first and last hundredth of the commands. */
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
  const ofCommands = `FROM command AS c JOIN queue AS q ON q.trace_id = @trace AND q.life = c.life WHERE ${ofTrace.replaceAll('e.id', 'c.id')} AND q.qid > 0`;
  const commandCount = store.db.prepare<[object], number>(`SELECT count(*) ${ofCommands}`).pluck();
  const startOf = store.db.prepare<[object], number | null>(`SELECT coalesce(c.announced_ns, c.setup_ns, c.fetched_ns) ${ofCommands} ORDER BY 1 LIMIT 1 OFFSET cast(@skip AS INTEGER)`).pluck();
  const total = guarded(store.file, () => commandCount.get({ trace: id })) ?? 0;
  const [fromNs = null, toNs = null] = [0.01, 0.99].map((p) => guarded(store.file, () => startOf.get({ trace: id, skip: Math.floor(p * Math.max(total - 1, 0)) })));
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
