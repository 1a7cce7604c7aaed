// Cells of one configuration with different seeds, as one point.

import { groupBy } from '../../base/group.js';
import type { CellRow } from '../../store/sweeps.js';
import type { Point } from './winners.js';

/** The points of cells, in the order in which their first cells come. The view sweep_points tells the same of a store. */
export function pointsOf(cells: readonly CellRow[], traceName: (id: number) => string): readonly Point[] {
  const groups = groupBy(cells, (cell) => JSON.stringify([cell.trace_id, cell.driver, cell.device, cell.transport, cell.policy, cell.cq_policy, cell.policy_sha256]));
  return [...groups.values()].map((group): Point => {
    const { trace_id: trace, driver, transport, policy, cq_policy: cqPolicy, verdict, unsafe_policy: unsafe } = group[0]!;
    return {
      trace: traceName(trace),
      driver,
      transport,
      policy,
      cq_policy: cqPolicy,
      cells: group.length,
      mmio_per_io: mean(group.map((cell) => (cell.sq_mmio + cell.cq_mmio) / cell.commands)),
      p50_ns: meanKnown(group.map((cell) => cell.p50_ns)),
      p99_ns: meanKnown(group.map((cell) => cell.p99_ns)),
      poll_cpu: sum(group.map((cell) => cell.poll_ns)) / sum(group.map((cell) => cell.duration_ns)),
      stalled: group.filter((cell) => cell.stalls !== '[]' || cell.runaway === 1).length,
      verdict,
      unsafe_policy: unsafe,
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}
