// The times of single commands, as the analysis stored them.

import { guarded } from './failure.js';
import type { Store } from './open.js';
import { EVENTS_PER_TRACE } from './schema.js';

/** A submission queue's life, with its queues and how many of its commands are stored. */
export interface LifeRow {
  readonly life: number;
  readonly controller: number;
  readonly qid: number;
  readonly cqid: number;
  readonly commands: number;
}

/** Times of one command in ns since the trace's origin; null where the capture doesn't show them. */
export interface CommandTimes {
  readonly cid: number;
  readonly position: number | null;
  readonly setupNs: number | null;
  readonly announcedNs: number | null;
  readonly fetchedNs: number | null;
  readonly completedNs: number | null;
  readonly interruptNs: number | null;
  readonly reapedNs: number | null;
}

const OF_TRACE = `id >= @trace * ${EVENTS_PER_TRACE} AND id < (@trace + 1) * ${EVENTS_PER_TRACE}`;
const TIMES = `cid, position, setup_ns AS setupNs, announced_ns AS announcedNs, fetched_ns AS fetchedNs, completed_ns AS completedNs, interrupt_ns AS interruptNs, reaped_ns AS reapedNs`;
/** The first moment of a command that is known. */
const START = 'coalesce(setup_ns, announced_ns, fetched_ns)';

/** The life of an I/O queue, or of this one, with the most commands; undefined when there is none. */
export function busiestLife(store: Store, traceId: number, qid?: number): LifeRow | undefined {
  const select = store.db.prepare<[object], LifeRow>(
    `SELECT q.life, q.controller, q.qid, q.cqid, count(*) AS commands FROM command AS c JOIN queue AS q ON q.trace_id = @trace AND q.life = c.life
     WHERE ${OF_TRACE.replaceAll('id ', 'c.id ')} AND q.qid ${qid === undefined ? '> 0' : '= @qid'} GROUP BY q.life ORDER BY commands DESC, q.life LIMIT 1`,
  );
  return guarded(store.file, () => select.get({ trace: traceId, ...(qid === undefined ? {} : { qid }) }));
}

/** Commands of a life in the order of their ends: from a number on, or from a time on. */
export function commandsFrom(store: Store, traceId: number, life: number, from: number | { readonly fromNs: number }, limit: number): readonly CommandTimes[] {
  const isNumber = typeof from === 'number';
  const select = store.db.prepare<[object], CommandTimes>(
    `SELECT ${TIMES} FROM command WHERE ${OF_TRACE} AND life = @life AND ${START} >= @fromNs ORDER BY id LIMIT @limit OFFSET @skip`,
  );
  return guarded(store.file, () => select.all({ trace: traceId, life, fromNs: isNumber ? 0 : from.fromNs, limit, skip: isNumber ? from : 0 }));
}

/** Commands of a life that were under way in a window, in the order of their starts; the first `limit`. */
export function commandsWithin(store: Store, traceId: number, life: number, window: { readonly fromNs: number; readonly toNs: number }, limit: number): readonly CommandTimes[] {
  const select = store.db.prepare<[object], CommandTimes>(
    `SELECT ${TIMES} FROM command WHERE ${OF_TRACE} AND life = @life AND ${START} <= @toNs AND coalesce(reaped_ns, completed_ns, @toNs) >= @fromNs
     ORDER BY ${START}, id LIMIT @limit`,
  );
  return guarded(store.file, () => select.all({ trace: traceId, life, ...window, limit }));
}

/**
 * Hands over, for each command of an I/O queue in the order of their ends, the time in ns from its first known moment to its consumption,
 * where both are known, with its place among so many. Returns how many there were.
 */
export function eachLatency(store: Store, traceId: number, take: (ns: number, place: number, of: number) => void): number {
  const latency = `c.reaped_ns - ${START.replaceAll(/\b(\w+_ns)/g, 'c.$1')}`;
  const from = `FROM command AS c CROSS JOIN queue AS q ON q.trace_id = @trace AND q.life = c.life WHERE ${OF_TRACE.replaceAll('id ', 'c.id ')} AND q.qid > 0 AND ${latency} IS NOT NULL`;
  const count = store.db.prepare<[object], number>(`SELECT count(*) ${from}`).pluck();
  const select = store.db.prepare<[object], number>(`SELECT ${latency} ${from} ORDER BY c.id`).pluck();
  return guarded(store.file, () => {
    const of = count.get({ trace: traceId }) ?? 0;
    let place = 0;
    for (const ns of select.iterate({ trace: traceId })) if (place < of) take(ns, place++, of);
    return of;
  });
}
