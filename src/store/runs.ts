// Stored replays: what was computed from a trace or a described workload, found again by the hash of everything that determines the result.

import { guarded } from './failure.js';
import type { Store } from './open.js';

/** A replay to store. */
export interface NewRun {
  readonly name: string;
  /** null: it was made from a described workload, not from a trace. */
  readonly traceId: number | null;
  /** Hash of inputs and parameters; at most one run has it. */
  readonly key: string;
  /** Version of Bellwether that computed it. */
  readonly version: string;
  /** Plain JSON data. */
  readonly parameters: unknown;
  /** Plain JSON data. */
  readonly result: unknown;
}

export interface RunRow extends NewRun {
  readonly id: number;
}

interface RunColumns {
  readonly id: number;
  readonly name: string;
  readonly trace_id: number | null;
  readonly key: string;
  readonly version: string;
  readonly parameters: string;
  readonly result: string;
}

/** Stores the run and returns it with its id. A run of the same key is overwritten and keeps its id. */
export function insertRun(store: Store, run: NewRun): RunRow {
  const insert = store.db.prepare<unknown[], RunColumns>(
    `INSERT INTO run (name, trace_id, key, version, parameters, result) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET name = excluded.name, trace_id = excluded.trace_id, version = excluded.version,
       parameters = excluded.parameters, result = excluded.result
     RETURNING *`,
  );
  const row = guarded(store.file, () =>
    insert.all(run.name, run.traceId, run.key, run.version, JSON.stringify(run.parameters), JSON.stringify(run.result)),
  );
  return row.map(runRow)[0]!;
}

/** The run with this key, or undefined. */
export function findRunByKey(store: Store, key: string): RunRow | undefined {
  return selectRuns(store, 'WHERE key = ?', key)[0];
}

/** The run that the user means: the latest of that name, else the one with that number. */
export function findRun(store: Store, reference: string): RunRow | undefined {
  const named = selectRuns(store, 'WHERE name = ? ORDER BY id DESC LIMIT 1', reference)[0];
  if (named !== undefined || !/^\d{1,15}$/.test(reference)) return named;
  return selectRuns(store, 'WHERE id = ?', Number(reference))[0];
}

/** The runs of a trace, or all of them, in the order of the ids. */
export function listRuns(store: Store, traceId?: number): readonly RunRow[] {
  return traceId === undefined
    ? selectRuns(store, 'ORDER BY id')
    : selectRuns(store, 'WHERE trace_id = ? ORDER BY id', traceId);
}

function selectRuns(store: Store, where: string, ...values: readonly (string | number)[]): readonly RunRow[] {
  const select = store.db.prepare<unknown[], RunColumns>(`SELECT * FROM run ${where}`);
  return guarded(store.file, () => select.all(...values)).map(runRow);
}

function runRow(row: RunColumns): RunRow {
  return {
    id: row.id,
    name: row.name,
    traceId: row.trace_id,
    key: row.key,
    version: row.version,
    parameters: JSON.parse(row.parameters) as unknown,
    result: JSON.parse(row.result) as unknown,
  };
}
