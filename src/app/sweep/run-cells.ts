// Runs settings on traces for several seeds: on all threads, and only what the store doesn't have yet.

import { createHash } from 'node:crypto';
import { BellwetherError } from '../../base/errors.js';
import type { TimeWindow } from '../../metrics/occupancy.js';
import type { Store } from '../../store/open.js';
import type { TraceRow } from '../../store/queries.js';
import { type CellRow, type VerdictRow, findCell, insertCell, insertVerdict } from '../../store/sweeps.js';
import type { PreparedTrace } from './prepared.js';
import type { CellResult } from './cell.js';
import { windowOut } from '../time-window.js';
import type { Crew } from '../work/crew.js';
import { type Judged, judge, knownVerdict, toJudge } from './judge.js';
import type { Setting } from './plan.js';

export interface Seeds {
  readonly seed: number;
  readonly seeds: number;
}

export interface SweepProgress {
  /** Cells done of `cells`, of which `reused` were there before. */
  readonly done: number;
  readonly reused: number;
  readonly cells: number;
  /** Expected time to the end, in ms; undefined before the first cell is done. */
  readonly leftMs: number | undefined;
}

/** A cell that ended in an error of its policy. */
export interface FailedCell {
  readonly policy: string;
  readonly cq_policy: string;
  readonly error: string;
}

export interface CellsOutcome {
  /** In the order of the grid; of every cell that didn't fail. */
  readonly cells: readonly CellRow[];
  readonly computed: number;
  readonly reused: number;
  readonly failed: readonly FailedCell[];
}

interface Plan {
  readonly key: string;
  readonly setting: Setting;
  readonly seed: number;
  readonly vary: boolean;
}

export interface RunCellsOptions extends Seeds {
  readonly store: Store;
  readonly crew: Crew;
  readonly traces: readonly TraceRow[];
  /** The part of each trace that is replayed; undefined: all of it. */
  readonly window: TimeWindow | undefined;
  readonly settings: readonly Setting[];
  readonly version: string;
  readonly onProgress: (progress: SweepProgress) => void;
  /** Traces made ready by earlier calls; kept up by this one. */
  readonly ready: Map<string, PreparedTrace>;
}

/**
 * Runs what is missing, and returns all cells. Each cell is in the store as soon as it is done. As in a replay, every second seed draws anew what
 * a recording can't tell. An error of a policy of the user's fails its cells alone.
 */
export async function runCells(options: RunCellsOptions): Promise<CellsOutcome> {
  const { store, traces, window, settings, seed: first, seeds, version } = options;
  // A whole trace has the key that it had before there were windows.
  const part = window === undefined ? [] : [windowOut(window)];
  const plans = traces.map((trace) =>
    settings.flatMap((setting) =>
      Array.from({ length: seeds }, (_, i): Plan => {
        const seed = first + i;
        const vary = i % 2 === 1;
        const key = createHash('sha256').update(JSON.stringify([trace.sha256, setting, seed, vary, version, ...part])).digest('hex');
        return { key, setting, seed, vary };
      }),
    ),
  );
  const done = new Map<string, CellRow>();
  for (const { key } of plans.flat()) {
    const cell = findCell(store, key);
    if (cell !== undefined) done.set(key, cell);
  }
  const work = new Work(options, done, plans.flat().length);
  for (const [i, trace] of traces.entries()) await work.trace(trace, plans[i]!.filter(({ key }) => !done.has(key)));
  const cells = plans.flat().flatMap(({ key }) => done.get(key) ?? []);
  return { cells, computed: work.computed, reused: cells.length - work.computed, failed: work.failed };
}

class Work {
  computed = 0;
  readonly failed: FailedCell[] = [];
  private readonly options: RunCellsOptions;
  private readonly done: Map<string, CellRow>;
  private readonly cells: number;
  private readonly reused: number;
  private startedMs = 0;

  constructor(options: RunCellsOptions, done: Map<string, CellRow>, cells: number) {
    this.options = options;
    this.done = done;
    this.cells = cells;
    this.reused = done.size;
  }

  async trace(trace: TraceRow, plans: readonly Plan[]): Promise<void> {
    if (plans.length === 0) return;
    const { crew, ready, store, version, window } = this.options;
    this.progress();
    const judged = toJudge(plans.map(({ setting }) => setting)).filter((each) => knownVerdict(store, each, version) === undefined);
    // One thread reads the trace; the others judge policies meanwhile.
    const jobs: readonly (Judged | 'prepare')[] = ready.has(trace.sha256) ? judged : ['prepare', ...judged];
    const broken = new Map<string, string>();
    // Written down once the trace was read: a store that is being read can't be written to.
    const verdicts: VerdictRow[] = [];
    await crew.work(jobs, async (job, thread) => {
      if (job === 'prepare') ready.set(trace.sha256, await thread.run({ is: 'prepare', order: { db: store.file, trace: trace.sha256, window } }));
      else await unlessPolicyFails(async () => verdicts.push(await judge(thread, job, version)), (error) => broken.set(`${job.side} ${job.policy}`, error));
    });
    for (const row of verdicts) insertVerdict(store, row);
    const prepared = ready.get(trace.sha256)!;
    await crew.each(async (thread) => thread.run({ is: 'take', trace: trace.sha256, prepared }));
    this.startedMs = performance.now();
    await crew.work(plans, async (plan, thread) => {
      const { policy, cqPolicy, policySha256: _, ...machine } = plan.setting;
      const error = broken.get(`sq ${policy}`) ?? broken.get(`cq ${cqPolicy}`);
      if (error !== undefined) {
        this.fail(plan, error);
        return;
      }
      const order = { ...machine, policy, cqPolicy, trace: trace.sha256, seed: plan.seed, vary: plan.vary };
      const run = async (): Promise<void> => this.keep(trace, plan, await thread.run({ is: 'cell', order }));
      await unlessPolicyFails(run, async (message) => {
        this.fail(plan, message);
        // The thread may have been ended with the policy, and what it had taken over with it.
        await thread.run({ is: 'take', trace: trace.sha256, prepared });
      });
      this.progress();
    });
  }

  private fail({ setting }: Plan, error: string): void {
    if (!this.failed.some((other) => other.error === error)) this.failed.push({ policy: setting.policy, cq_policy: setting.cqPolicy, error });
  }

  private keep(trace: TraceRow, { key, setting, seed }: Plan, result: CellResult): void {
    const { store, version, window } = this.options;
    const { from_ns, to_ns } = window === undefined ? { from_ns: null, to_ns: null } : windowOut(window);
    const verdicts = toJudge([setting]).map((each) => knownVerdict(store, each, version)!);
    const unsafe = verdicts.find(({ verdict }) => verdict !== 'safe');
    const { driver, device, transport, policy, cqPolicy, policySha256 } = setting;
    const { commands, sqMmio, cqMmio, p50Ns, p99Ns, durationNs, devicePollNs, deviceBusyNs, vcpuDoorbellNs, runaway, stalls } = result;
    const cell: CellRow = {
      key, trace_id: trace.id, from_ns, to_ns, version, driver, device, transport, policy, cq_policy: cqPolicy, policy_sha256: policySha256, seed, commands, sq_mmio: sqMmio, cq_mmio: cqMmio,
      p50_ns: Number.isNaN(p50Ns) ? null : Math.round(p50Ns), p99_ns: Number.isNaN(p99Ns) ? null : Math.round(p99Ns), duration_ns: Math.round(durationNs),
      poll_ns: Math.round(devicePollNs), busy_ns: Math.round(deviceBusyNs), doorbell_ns: Math.round(vcpuDoorbellNs),
      runaway: runaway ? 1 : 0, stalls: JSON.stringify(stalls), verdict: unsafe?.verdict ?? 'safe', unsafe_policy: unsafe?.policy ?? null,
    };
    insertCell(store, cell);
    this.done.set(key, cell);
    this.computed += 1;
  }

  private progress(): void {
    const { computed, cells, reused, failed } = this;
    const done = reused + computed;
    const leftMs = computed === 0 ? undefined : ((performance.now() - this.startedMs) / computed) * (cells - done - failed.length);
    this.options.onProgress({ done, reused, cells, leftMs });
  }
}

async function unlessPolicyFails(work: () => Promise<unknown>, failed: (message: string) => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BellwetherError) || error.code !== 'E_POLICY') throw error;
    await failed(error.message);
  }
}
