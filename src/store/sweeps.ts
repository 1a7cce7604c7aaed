// Stored cells of sweeps, and the verifier's verdicts on their policies.

import { guarded } from './failure.js';
import type { Store } from './open.js';

/** What stands in the table sweep_cell, by column. */
export interface CellRow {
  readonly key: string;
  readonly trace_id: number;
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
  'key', 'trace_id', 'version', 'driver', 'device', 'transport', 'policy', 'cq_policy', 'policy_sha256', 'seed', 'commands', 'sq_mmio', 'cq_mmio', 'p50_ns', 'p99_ns',
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
