// Findings of audits: each trace has those of its last one.

import { guarded } from './failure.js';
import type { Store } from './open.js';

/** A finding to store; the view `findings` says what its columns mean. */
export interface FindingRow {
  readonly rule: string;
  readonly severity: string;
  readonly controller: number | null;
  readonly queue: number | null;
  readonly side: string | null;
  readonly seq: number | null;
  readonly timeNs: number | null;
  readonly source: number | null;
  readonly place: number | null;
  readonly evidence: string;
}

/** Replaces the findings of a trace, in one transaction. Throws a storeError when the store can't be written. */
export function replaceFindings(store: Store, traceId: number, findings: readonly FindingRow[]): void {
  const remove = store.db.prepare('DELETE FROM finding WHERE trace_id = ?');
  const insert = store.db.prepare(
    `INSERT INTO finding (trace_id, number, rule, severity, controller, queue, side, seq, time_ns, source, place, evidence)
     VALUES (@traceId, @number, @rule, @severity, @controller, @queue, @side, @seq, @timeNs, @source, @place, @evidence)`,
  );
  const replace = store.db.transaction(() => {
    remove.run(traceId);
    for (const [number, finding] of findings.entries()) insert.run({ traceId, number, ...finding });
  });
  guarded(store.file, () => replace.immediate());
}

/** How many findings of each severity are stored for a trace. */
export function countFindings(store: Store, traceId: number): ReadonlyMap<string, number> {
  const select = store.db.prepare<[number], [string, number]>('SELECT severity, count(*) FROM finding WHERE trace_id = ? GROUP BY severity').raw();
  return new Map(guarded(store.file, () => select.all(traceId)));
}
