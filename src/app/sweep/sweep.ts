// Use case: a grid of what-ifs, in parallel, that goes on where it was left.

import { availableParallelism } from 'node:os';
import type { TimeWindow } from '../../metrics/occupancy.js';
import { openStore } from '../../store/open.js';
import { traceNamed } from '../subject.js';
import { type WindowData, windowOut } from '../time-window.js';
import { Crew } from '../work/crew.js';
import { SUGGESTED_POLICIES, atLeastOne, settingsOf } from './plan.js';
import { pointsOf } from './points.js';
import { type FailedCell, type Seeds, type SweepProgress, runCells } from './run-cells.js';
import { type Constraints, type Point, type Winner, winners } from './winners.js';

export interface SweepOptions extends Seeds {
  readonly db: string;
  /** By default a choice of all kinds. */
  readonly policies?: readonly string[] | undefined;
  /** By default the device's own. */
  readonly cqPolicies?: readonly string[] | undefined;
  readonly drivers?: readonly string[] | undefined;
  readonly transports?: readonly string[] | undefined;
  readonly device?: string | undefined;
  /** The part of each trace that is replayed; all of it by default. */
  readonly window?: TimeWindow | undefined;
  /** Names, numbers or SHA-256 of traces. */
  readonly traces: readonly string[];
  readonly constraints: Constraints;
  /** Threads; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly toolVersion: string;
  readonly onProgress: (progress: SweepProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A cell as it is printed with --json. */
export interface SweepCell {
  readonly trace: string;
  /** The part that was replayed; null for all of it. */
  readonly window: WindowData | null;
  readonly driver: string;
  readonly device: string;
  readonly transport: string;
  readonly policy: string;
  readonly cq_policy: string;
  readonly seed: number;
  readonly commands: number;
  readonly mmio: { readonly sq: number; readonly cq: number; readonly total: number };
  readonly latency: { readonly p50Ns: number | null; readonly p99Ns: number | null };
  readonly durationNs: number;
  readonly devicePollNs: number;
  readonly deviceBusyNs: number;
  readonly stalls: readonly string[];
  readonly runaway: boolean;
  readonly verdict: string;
}

export interface SweepResult {
  readonly cells: readonly SweepCell[];
  readonly points: readonly Point[];
  readonly winners: readonly Winner[];
  /** Cells that this call ran, and those that the store had. */
  readonly computed: number;
  readonly reused: number;
  /** Policies that ended in an error, once for each error. */
  readonly failed: readonly FailedCell[];
}

/** Runs the grid. Throws usageErrors for names and values; interruptedError when the signal is aborted: what is done is kept. */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const { constraints, device, jobs, seed, seeds, signal, toolVersion: version, onProgress } = options;
  atLeastOne('a trace', options.traces);
  const settings = settingsOf({
    policies: options.policies ?? SUGGESTED_POLICIES,
    cqPolicies: options.cqPolicies ?? [],
    drivers: options.drivers ?? [],
    transports: options.transports ?? [],
    device,
  });
  const store = openStore(options.db, { create: false });
  const crew = new Crew(jobs ?? availableParallelism(), signal);
  try {
    const traces = [...new Map(options.traces.map((name) => traceNamed(store, name)).map((trace) => [trace.id, trace])).values()];
    const nameOf = (id: number): string => traces.find((trace) => trace.id === id)!.name;
    const { cells, ...outcome } = await runCells({ store, crew, traces, window: options.window, settings, seed, seeds, version, onProgress, ready: new Map() });
    const points = pointsOf(cells, nameOf);
    const shown = cells.map((cell): SweepCell => {
      const { driver, device: machine, transport, policy, cq_policy, seed: cellSeed, commands, sq_mmio: sq, cq_mmio: cq, verdict } = cell;
      return {
        trace: nameOf(cell.trace_id), window: options.window === undefined ? null : windowOut(options.window), driver, device: machine, transport, policy, cq_policy, seed: cellSeed, commands, mmio: { sq, cq, total: sq + cq },
        latency: { p50Ns: cell.p50_ns, p99Ns: cell.p99_ns }, durationNs: cell.duration_ns, devicePollNs: cell.poll_ns, deviceBusyNs: cell.busy_ns,
        stalls: JSON.parse(cell.stalls) as readonly string[], runaway: cell.runaway === 1, verdict,
      };
    });
    return { cells: shown, points, winners: winners(points, constraints), ...outcome };
  } finally {
    crew.end();
    store.close();
  }
}
