// Commands per ring: how many entries one doorbell register write stands for, by queue and side, run beside run.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { formatCount } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { frameOf, LEGEND_PX, SCHEMA, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX, RUNS, SIDES } from './theme.js';

/** Entries and register writes of one side of one queue. */
export interface RingRow {
  /** 'recorded', 'predicted' or 'captured'. */
  readonly run: (typeof RUNS)[number]['run'];
  readonly qid: number;
  readonly side: 'sq' | 'cq';
  /** Commands announced, or completions consumed. */
  readonly entries: number;
  /** Register writes of that doorbell. */
  readonly rings: number;
}

/** Queues with rows of their own; the others are summed up. */
export const MAX_QUEUES = 6;
const BAR_PX = 17;
const GAP_PX = 8;

interface Bar extends Omit<RingRow, 'qid'> {
  readonly group: string;
  /** Null where nothing rang. */
  readonly perRing: number | null;
}

/** The chart of commands per ring. Queues with the most entries come first in the choice, and in the order of their numbers in the picture. */
export function ringsChart(rows: readonly RingRow[], options: ChartOptions = {}): Chart {
  const bars = barsOf(rows);
  if (bars.length === 0) throw nothingToDraw('rings', 'no queue moved an entry');
  const queueCount = new Set(rows.map((row) => row.qid)).size;
  const groups = [...new Set(bars.map((bar) => bar.group))];
  const runs = RUNS.filter(({ run }) => bars.some((bar) => bar.run === run));
  const { frame, plotPx } = frameOf(
    {
      id: 'rings',
      title: 'Entries per doorbell write',
      reading: [
        'Commands announced by one SQ tail write, completions consumed by one CQ head write: the longer the bar, the fewer exits.',
        ...(queueCount > MAX_QUEUES ? [`The ${MAX_QUEUES} busiest of ${queueCount} queues; the others together.`] : []),
      ],
      aroundPx: X_AXIS_PX + LEGEND_PX,
      plotPx: groups.length * (runs.length * BAR_PX + GAP_PX),
    },
    options,
  );
  const table = tableOf(bars);
  return {
    ...frame,
    alt: `Bars of entries per doorbell write. ${bars.map((bar) => `${bar.group}, ${bar.run}: ${barText(bar)}`).join('; ')}.`,
    series: runs.map(({ run }) => run),
    spec: specOf(bars, groups, runs, frame.widthPx, plotPx),
    data: table,
    summary: table,
  };
}

/** One bar per run and side of each queue that is drawn, and of all others together. */
function barsOf(rows: readonly RingRow[]): Bar[] {
  const load = new Map<number, number>();
  for (const row of rows) load.set(row.qid, (load.get(row.qid) ?? 0) + row.entries);
  const drawn = [...load].toSorted(([qidA, a], [qidB, b]) => b - a || qidA - qidB).slice(0, MAX_QUEUES).map(([qid]) => qid);
  const sums = new Map<string, { group: string; run: RingRow['run']; side: RingRow['side']; entries: number; rings: number; place: number }>();
  for (const { qid, run, side, entries, rings } of rows) {
    const isOwn = drawn.includes(qid);
    const group = `${isOwn ? `queue ${qid}` : 'other queues'}, ${SIDES.find((s) => s.side === side)!.name}`;
    const key = `${group} ${run}`;
    const sum = sums.get(key) ?? { group, run, side, entries: 0, rings: 0, place: (isOwn ? qid : Infinity) };
    sum.entries += entries;
    sum.rings += rings;
    sums.set(key, sum);
  }
  const runPlace = (run: RingRow['run']): number => RUNS.findIndex((one) => one.run === run);
  return [...sums.values()]
    .filter(({ entries, rings }) => entries + rings > 0)
    .toSorted((a, b) => (a.place === b.place ? 0 : a.place - b.place) || b.side.localeCompare(a.side) || runPlace(a.run) - runPlace(b.run))
    .map(({ group, run, side, entries, rings }) => ({ group, run, side, entries, rings, perRing: rings === 0 ? null : entries / rings }));
}

function specOf(bars: readonly Bar[], groups: readonly string[], runs: readonly (typeof RUNS)[number][], widthPx: number, plotPx: number): TopLevelSpec {
  const values = bars.map((bar) => ({
    group: bar.group,
    run: bar.run,
    perRing: bar.perRing ?? 0,
    text: barText(bar),
    tip: `${bar.run}: ${printable(bar.group)}, ${barText(bar)}`,
  }));
  const plotWidthPx = widthPx - Math.max(...groups.map((group) => textWidthPx(group, FONT_PX.text))) - 2 * PADDING_PX - 2 * GAP_PX;
  const most = Math.max(
    1,
    ...values.map(({ perRing, text }) => (perRing * plotWidthPx) / Math.max(plotWidthPx - textWidthPx(text, FONT_PX.small) - 2 * GAP_PX, plotWidthPx * 0.2)),
  );
  const names = runs.map(({ run }) => run);
  const byRun = { field: 'run', type: 'nominal', legend: { title: null, symbolType: 'square', symbolStrokeWidth: 1.5 } } as const;
  const y = { field: 'group', type: 'nominal', sort: [...groups], scale: { paddingInner: 0.25, paddingOuter: 0.1 }, axis: { title: null, ticks: false, labelPadding: GAP_PX, domain: false } } as const;
  const yOffset = { field: 'run', type: 'nominal', sort: names, scale: { domain: names } } as const;
  const x = {
    field: 'perRing',
    type: 'quantitative',
    scale: { domain: [0, most] as [number, number], nice: false },
    axis: { title: 'entries per doorbell write', titleAnchor: 'start', tickCount: 6, format: '~r', grid: true },
  } as const;
  return {
    $schema: SCHEMA,
    width: widthPx,
    height: plotPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values },
    encoding: { y, yOffset },
    layer: [
      {
        mark: { type: 'bar', strokeWidth: 1.5, aria: true },
        encoding: {
          x,
          // Predicted bars are hollow: in grey, its colour and that of captured ones would look the same.
          fill: { ...byRun, scale: { domain: names, range: runs.map(({ run, colour }) => (run === 'predicted' ? COLOUR.paper : colour)) } },
          stroke: { ...byRun, scale: { domain: names, range: runs.map(({ colour }) => colour) } },
          description: { field: 'tip', type: 'nominal' },
        },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: GAP_PX / 2, fontSize: FONT_PX.small, color: COLOUR.ink, aria: true },
        encoding: { x, text: { field: 'text', type: 'nominal' }, description: { field: 'tip', type: 'nominal' } },
      },
    ],
  };
}

/** "12.3 (3,001 / 245)" */
function barText({ perRing, entries, rings }: Bar): string {
  if (perRing === null) return `no ring for ${formatCount(entries)}`;
  return `${formatCount(Number(perRing.toPrecision(3)))} (${formatCount(entries)} / ${formatCount(rings)})`;
}

function tableOf(bars: readonly Bar[]): DataTable {
  return {
    columns: [
      { key: 'group', title: 'queue and side', meaning: 'queue and doorbell', kind: 'text' },
      { key: 'run', title: 'run', meaning: 'recorded, predicted or captured', kind: 'text' },
      { key: 'entries', title: 'entries', meaning: 'commands announced, or completions consumed', kind: 'count' },
      { key: 'rings', title: 'rings', meaning: 'doorbell register writes', kind: 'count' },
      { key: 'entries_per_ring', title: 'entries per ring', meaning: 'entries / rings; none where nothing rang', kind: 'number' },
    ],
    rows: bars.map(({ group, run, entries, rings, perRing }) => ({ group, run, entries, rings, entries_per_ring: perRing })),
  };
}
