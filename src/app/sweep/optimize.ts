// Use case: search the policies and their parameters, for both sides, for the best that keep the limits.

import { availableParallelism } from 'node:os';
import { usageError } from '../../base/errors.js';
import { Rng } from '../../base/rng.js';
import type { TimeWindow } from '../../metrics/occupancy.js';
import { openStore } from '../../store/open.js';
import type { CellRow } from '../../store/sweeps.js';
import { configurationOf } from '../catalogue.js';
import { traceNamed } from '../subject.js';
import { Crew } from '../work/crew.js';
import { type Setting, needsShadow, settingOf } from './plan.js';
import { pointsOf } from './points.js';
import { runCells } from './run-cells.js';
import { type Candidate, type Representative, distinct, firstCandidates, frontierOf, neighbour, specsOf, withoutLikes } from './search.js';
import type { Constraints, Point } from './winners.js';

export interface OptimizeOptions {
  readonly db: string;
  readonly trace: string;
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly transport?: string | undefined;
  /** The part of the trace that is replayed; all of it by default. */
  readonly window?: TimeWindow | undefined;
  readonly constraints: Constraints;
  /** Runs at most, those from the store included. */
  readonly budget: number;
  /** Of the search, and the first seed of the runs. */
  readonly seed: number;
  readonly jobs?: number | undefined;
  readonly toolVersion: string;
  readonly onProgress: (progress: { readonly runs: number; readonly budget: number; readonly frontier: number }) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface OptimizeResult {
  /** Fewest register writes first. Every one is verified safe, and never stalled. */
  readonly frontier: readonly Representative[];
  readonly winner: Representative | null;
  /** Combinations that were tried. */
  readonly tried: number;
  /** Runs of the budget that were used, those from the store included. */
  readonly runs: number;
  readonly budget: number;
  readonly seed: number;
  readonly constraints: Constraints;
}

/** Tried between two looks at the frontier, whatever the number of threads: the search is the same on every machine. */
const GENERATION = 16;
/** Share of the budget that confirms the frontier with further seeds. */
const CONFIRMING = 0.3;
/** Seeds behind a point that is recommended. */
const SEEDS = 5;
/** Draws for one new candidate before the neighbourhood counts as known. */
const DRAWS = 50;

/** Searches. Deterministic: same trace, options and version give the same result. Throws usageErrors for names and for a budget too small. */
export async function optimize(options: OptimizeOptions): Promise<OptimizeResult> {
  const { budget, constraints, jobs, seed, signal } = options;
  const first = firstCandidates(configurationOf({ shadow: true, device: options.device }).cqPolicy.id);
  if (budget < first.length + SEEDS) throw usageError(`--budget ${budget}: it takes ${first.length} runs to try every policy once, and ${SEEDS} to confirm one`, [`--budget ${2 * first.length} or more`]);
  const store = openStore(options.db, { create: false });
  const crew = new Crew(jobs ?? availableParallelism(), signal);
  try {
    const search = new Search(options, store, crew);
    await search.tryOut(first);
    while (search.runs + GENERATION + SEEDS <= budget * (1 - CONFIRMING) && (await search.tryOut(search.neighbours()))) await search.confirmBest();
    while (await search.confirmBest()) continue;
    const frontier = distinct(frontierOf(search.confirmed(), constraints), search.byFirstSeed());
    return { frontier, winner: frontier[0] ?? null, tried: search.tried, runs: search.runs, budget, seed, constraints };
  } finally {
    crew.end();
    store.close();
  }
}

class Search {
  runs = 0;
  private readonly options: OptimizeOptions;
  private readonly run: (settings: readonly Setting[], seeds: number) => Promise<readonly CellRow[]>;
  private readonly rng: Rng;
  private readonly nameOf: () => string;
  private readonly cells = new Map<string, CellRow>();
  /** By setting. */
  private readonly known = new Map<string, { readonly candidate: Candidate; readonly setting: Setting }>();

  constructor(options: OptimizeOptions, store: Parameters<typeof runCells>[0]['store'], crew: Crew) {
    this.options = options;
    this.rng = new Rng(options.seed, 'optimize');
    const trace = traceNamed(store, options.trace);
    this.nameOf = () => trace.name;
    const common = { store, crew, traces: [trace], window: options.window, seed: options.seed, version: options.toolVersion, ready: new Map(), onProgress: () => {} };
    this.run = async (settings, seeds) => (await runCells({ ...common, settings, seeds })).cells;
  }

  get tried(): number {
    return this.known.size;
  }

  /** Runs candidates that are new, once each; false when there is none. */
  async tryOut(candidates: readonly Candidate[]): Promise<boolean> {
    const { driver, device, transport } = this.options;
    const settings: Setting[] = [];
    for (const candidate of candidates) {
      const setting = settingOf({ driver, device, transport, ...specsOf(candidate) });
      const key = `${setting.policy}+${setting.cqPolicy}`;
      if (this.known.has(key) || (setting.policy === 'off' && needsShadow(setting.transport))) continue;
      this.known.set(key, { candidate, setting });
      settings.push(setting);
    }
    if (settings.length === 0) return false;
    this.add(await this.run(settings, 1));
    this.runs += settings.length;
    this.report();
    return true;
  }

  /** Neighbours of the frontier; while nothing keeps the limits, of what would without them. */
  neighbours(): readonly Candidate[] {
    const within = this.likely(this.options.constraints);
    const parents = (within.length > 0 ? within : this.likely({})).map((point) => this.known.get(keyOf(point))!.candidate);
    if (parents.length === 0) return [];
    const fresh = new Map<string, Candidate>();
    for (let draw = 0; draw < GENERATION * DRAWS && fresh.size < GENERATION; draw++) {
      const candidate = neighbour(parents, this.rng);
      const { policy, cqPolicy } = specsOf(candidate);
      const key = `${policy}+${cqPolicy}`;
      if (!this.known.has(key)) fresh.set(key, candidate);
    }
    return [...fresh.values()];
  }

  /** Runs the best of the frontier that has too few seeds with further ones. False when there is none, or the budget is used up. */
  async confirmBest(): Promise<boolean> {
    const { budget, constraints } = this.options;
    const next = this.likely(constraints).find(({ cells }) => cells < SEEDS);
    if (next === undefined || this.runs + SEEDS - 1 > budget) return false;
    this.add(await this.run([this.known.get(keyOf(next))!.setting], SEEDS));
    this.runs += SEEDS - 1;
    this.report();
    return true;
  }

  /** The frontier of what further seeds may still bear out, or did. */
  private likely(constraints: Constraints): readonly Point[] {
    return frontierOf(withoutLikes(this.points(), this.byFirstSeed(), SEEDS), constraints);
  }

  /** All points by the first seed alone. */
  byFirstSeed(): readonly Point[] {
    return pointsOf([...this.cells.values()].filter(({ seed }) => seed === this.options.seed), this.nameOf);
  }

  /** Points with all their seeds. */
  confirmed(): readonly Point[] {
    return this.points().filter(({ cells }) => cells >= SEEDS);
  }

  private points(): readonly Point[] {
    return pointsOf([...this.cells.values()], this.nameOf);
  }

  private add(cells: readonly CellRow[]): void {
    for (const cell of cells) this.cells.set(cell.key, cell);
  }

  private report(): void {
    const { budget, constraints, onProgress } = this.options;
    onProgress({ runs: this.runs, budget, frontier: this.likely(constraints).length });
  }
}

function keyOf({ policy, cq_policy: cqPolicy }: Point): string {
  return `${policy}+${cqPolicy}`;
}
