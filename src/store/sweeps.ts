// Stored cells of sweeps, and the verifier's verdicts on their policies.

import { guarded } from './failure.js';
import type { Store } from './open.js';

/** What stands in the table sweep_cell, by column. */
export interface CellRow {
  readonly key: string;
  readonly trace_id: number;
  /** The part of the trace that was replayed, in ns since its start; null: from its start, to its end. Both null: all of it. */
  readonly from_ns: number | null;
  readonly to_ns: number | null;
  readonly version: string;
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  readonly policy: string;
  readonly cq_policy: string;
  readonly policy_sha256: string;
  readonly seed: number;
  readonly commands: number;
  readonly sq_mmio: number;
  readonly cq_mmio: number;
  /** null when nothing completed. */
  readonly p50_ns: number | null;
  readonly p99_ns: number | null;
  readonly duration_ns: number;
  readonly poll_ns: number;
  readonly busy_ns: number;
  readonly doorbell_ns: number;
  /** 0 or 1. */
  readonly runaway: number;
  /** A JSON array of texts. */
  readonly stalls: string;
  readonly verdict: string;
  readonly unsafe_policy: string | null;
}

const CELL_COLUMNS = [
  'key', 'trace_id', 'from_ns', 'to_ns', 'version', 'driver', 'device', 'transport', 'policy', 'cq_policy', 'policy_sha256', 'seed', 'commands', 'sq_mmio', 'cq_mmio', 'p50_ns', 'p99_ns',
  'duration_ns', 'poll_ns', 'busy_ns', 'doorbell_ns', 'runaway', 'stalls', 'verdict', 'unsafe_policy',
] as const satisfies readonly (keyof CellRow)[];

/** Stores a cell for good; one of the same key is replaced. */
export function insertCell(store: Store, cell: CellRow): void {
  const insert = store.db.prepare(`INSERT OR REPLACE INTO sweep_cell (${CELL_COLUMNS.join(', ')}) VALUES (${CELL_COLUMNS.map((column) => `@${column}`).join(', ')})`);
  guarded(store.file, () => insert.run(cell));
}

/** The cell with this key, if it was done. */
export function findCell(store: Store, key: string): CellRow | undefined {
  const select = store.db.prepare<[string], CellRow>(`SELECT ${CELL_COLUMNS.join(', ')} FROM sweep_cell WHERE key = ?`);
  return guarded(store.file, () => select.get(key));
}

export interface VerdictRow {
  readonly key: string;
  readonly policy: string;
  readonly side: 'sq' | 'cq';
  readonly driver: string;
  readonly memory: string;
  readonly verdict: string;
  readonly states: number;
  readonly reason: string;
  readonly version: string;
}

/** Stores a verdict; one of the same key is replaced. */
export function insertVerdict(store: Store, row: VerdictRow): void {
  const insert = store.db.prepare(
    'INSERT OR REPLACE INTO policy_verdict (key, policy, side, driver, memory, verdict, states, reason, version) VALUES (@key, @policy, @side, @driver, @memory, @verdict, @states, @reason, @version)',
  );
  guarded(store.file, () => insert.run(row));
}

/** The verdict with this key, if there is one. */
export function findVerdict(store: Store, key: string): VerdictRow | undefined {
  const select = store.db.prepare<[string], VerdictRow>('SELECT * FROM policy_verdict WHERE key = ?');
  return guarded(store.file, () => select.get(key));
}

/** What the view sweep_points says, by column. */
export interface PointRow {
  readonly trace: string;
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  readonly policy: string;
  readonly cq_policy: string;
  readonly cells: number;
  readonly mmio_per_io: number;
  readonly saved_fraction: number | null;
  readonly p50_ns: number | null;
  readonly p99_ns: number | null;
  readonly added_p50_ns: number | null;
  readonly added_p99_ns: number | null;
  readonly poll_cpu: number;
  readonly stalled: number;
  readonly runaways: number;
  readonly verdict: string;
  readonly unsafe_policy: string | null;
}

const POINT_COLUMNS = [
  'trace', 'driver', 'device', 'transport', 'policy', 'cq_policy', 'cells', 'mmio_per_io', 'saved_fraction', 'p50_ns', 'p99_ns', 'added_p50_ns', 'added_p99_ns', 'poll_cpu', 'stalled', 'runaways',
  'verdict', 'unsafe_policy',
] as const satisfies readonly (keyof PointRow)[];

/** Which points: of one part of a trace, by one version of the program. */
export interface PointsOf {
  readonly trace: string;
  readonly version: string;
  readonly fromNs: number | null;
  readonly toNs: number | null;
}

/** Configurations in which commands were completed; fewest writes first. */
export function listPoints(store: Store, { trace, version, fromNs, toNs }: PointsOf, limit: number): readonly PointRow[] {
  const select = store.db.prepare<[string, string, number | null, number | null, number], PointRow>(
    `SELECT ${POINT_COLUMNS.join(', ')} FROM sweep_points WHERE trace = ? AND version = ? AND from_ns IS ? AND to_ns IS ? AND mmio_per_io IS NOT NULL
     ORDER BY mmio_per_io, policy, cq_policy, driver, device, transport, policy_sha256 LIMIT ?`,
  );
  return guarded(store.file, () => select.all(trace, version, fromNs, toNs, limit));
}
