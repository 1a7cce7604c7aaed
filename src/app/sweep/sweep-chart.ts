// The stored cells of a trace as the chart of a sweep.

import { usageError } from '../../base/errors.js';
import { groupBy } from '../../base/group.js';
import type { Chart, ChartOptions } from '../../charts/spec.js';
import { type SweepRow, sweepChart } from '../../charts/sweep.js';
import type { TimeWindow } from '../../metrics/occupancy.js';
import type { Store } from '../../store/open.js';
import { type PointRow, type PointsOf, listPoints } from '../../store/sweeps.js';
import { traceNamed } from '../subject.js';
import { windowFlags, windowOut, windowText } from '../time-window.js';
import { frontierOf } from './search.js';
import { type Constraints, type Point, type Winner, winners } from './winners.js';

export interface SweepChartOptions {
  readonly trace: string;
  /** Machines to show, as their names are stored; by default all. */
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly transport?: string | undefined;
  /** Only cells of exactly this part of the trace; by default those of all of it. */
  readonly window?: TimeWindow | undefined;
  readonly constraints: Constraints;
  /** Cells of other versions are left out. */
  readonly toolVersion: string;
}

/** Points that are read at most. */
const MAX_STORED = 10_000;

/** The chart of what "sweep" and "optimize" stored of a trace, and who wins. Throws a usageError when nothing fits the options. */
export function sweepChartOf(store: Store, { trace: name, driver, device, transport, window, constraints, toolVersion }: SweepChartOptions, picture: ChartOptions = {}): { readonly chart: Chart; readonly winners: readonly Winner[] } {
  const trace = traceNamed(store, name);
  const stored = listPoints(store, pointsOf(trace.name, toolVersion, window), MAX_STORED + 1);
  if (stored.length === 0) throw usageError(`the store holds no cell of a sweep over ${partText(trace.name, window)}, by this version`, [`Run "bellwether sweep ${[trace.name, ...windowFlags(window)].join(' ')}" first.`]);
  if (stored.length > MAX_STORED) throw usageError(`the store holds more than ${MAX_STORED} configurations of trace ${trace.name}`, ['Sweep into a store of its own: --db FILE.']);
  const wanted = { driver, device, transport };
  const rows = stored.filter((row) => AXES.every((axis) => wanted[axis] === undefined || row[axis] === wanted[axis]));
  if (rows.length === 0) throw usageError(`no cell of trace ${trace.name} fits --driver, --device and --transport`, AXES.map((axis) => `The store holds ${axis}: ${[...new Set(stored.map((row) => row[axis]))].join(', ')}.`));
  return chartOf(partText(trace.name, window), rows, constraints, picture);
}

/** For a review: the chart of all that the store has of a trace, or of this part of it. Throws NothingToDraw when that is nothing. */
export function storedSweepChart(store: Store, trace: string, toolVersion: string, window: TimeWindow | undefined): Chart {
  const stored = listPoints(store, pointsOf(trace, toolVersion, window), MAX_STORED);
  return chartOf(partText(trace, window), stored, {}, {}).chart;
}

function pointsOf(trace: string, version: string, window: TimeWindow | undefined): PointsOf {
  const { from_ns: fromNs, to_ns: toNs } = window === undefined ? { from_ns: null, to_ns: null } : windowOut(window);
  return { trace, version, fromNs, toNs };
}

function partText(trace: string, window: TimeWindow | undefined): string {
  return `trace ${trace}${window === undefined ? '' : `, ${windowText(window)}`}`;
}

const AXES = ['driver', 'device', 'transport'] as const;

function chartOf(part: string, rows: readonly PointRow[], constraints: Constraints, picture: ChartOptions): ReturnType<typeof sweepChartOf> {
  const points = new Map(rows.map((row) => [pointOf(row), row]));
  const byMachine = groupBy(points.keys(), (point) => JSON.stringify(AXES.map((axis) => points.get(point)![axis])));
  // Other machines are other what-ifs: a policy competes with those on its own.
  const frontier = new Set([...byMachine.values()].flatMap((group) => frontierOf(group, {})));
  const won = [...byMachine.values()].flatMap((group) => winners(group, constraints));
  const drawn = [...points].map(([point, row]) => rowOf(point, row, frontier.has(point), won));
  const [first] = rows;
  const machines = first === undefined ? '' : byMachine.size === 1 ? `${first.driver} on ${first.device} over ${first.transport}` : `${byMachine.size} machines; each has a frontier of its own`;
  return { chart: sweepChart(drawn, { ...picture, subtitle: `T${part.slice(1)}: ${machines}.` }), winners: won };
}

function pointOf({ stalled, runaways, ...row }: PointRow): Point {
  return { ...row, stalled: Math.max(stalled, runaways) };
}

function rowOf(point: Point, row: PointRow, onFrontier: boolean, won: readonly Winner[]): SweepRow {
  return {
    policy: row.policy,
    cqPolicy: row.cq_policy,
    driver: row.driver,
    device: row.device,
    transport: row.transport,
    cells: row.cells,
    mmioPerIo: row.mmio_per_io,
    savedFraction: row.saved_fraction,
    p50Ns: row.p50_ns,
    p99Ns: row.p99_ns,
    addedP50Ns: row.added_p50_ns,
    addedP99Ns: row.added_p99_ns,
    pollCpu: row.poll_cpu,
    flaw: flawOf(row),
    onFrontier,
    wins: won.filter(({ winner }) => winner === point).map(({ constraint }) => (constraint === 'none' ? 'no limit' : constraint)),
  };
}

/** "lost-wakeup (depth-gated)", "stalled in 2 of 5 runs". */
function flawOf({ verdict, unsafe_policy: unsafe, policy, stalled, runaways, cells }: PointRow): string {
  const judged = verdict === 'safe' ? '' : unsafe === null || unsafe === policy ? verdict : `${verdict} (${unsafe})`;
  const stood = stalled > 0 ? `stalled in ${stalled} of ${cells} runs` : '';
  const cut = runaways > 0 ? `cut off in ${runaways} of ${cells} runs` : '';
  return [judged, stood, cut].filter((text) => text !== '').join(', ');
}
