// Queue occupancy over time: entries of a queue pair per stage, run below run, queue beside queue.
// Each strip shows the median of every time bin as a step line, and its minimum to maximum as a band.

import { usageError } from '../base/errors.js';
import { printable } from '../base/text.js';
import { formatCount, plural } from '../base/units.js';
import { headingPx, sentences } from './heading.js';
import { binTable, qidsByLoad, seriesInWords, seriesOf, STAGES, summaryTable, type OccupancyRow, type Series } from './occupancy-data.js';
import { aroundStripsPx, axisTop, occupancySpec } from './occupancy-spec.js';
import { checkedPx, DEFAULT_WIDTH_PX, nothingToDraw, sizeAndTheme } from './options.js';
import type { Chart, ChartOptions } from './spec.js';
import { PADDING_PX } from './theme.js';

export { STAGES, type OccupancyRow, type Stage } from './occupancy-data.js';

export interface OccupancyOptions extends ChartOptions {
  /** Entries of the submission queues: one number, or one per qid when they differ. Unknown when absent. */
  readonly depth?: number | Readonly<Record<number, number>>;
  /** How many queues there were, when the rows are of the busiest alone. */
  readonly queueCount?: number;
}

/** Queues beside each other; the subtitle says when there were more. */
export const MAX_QUEUES_DRAWN = 4;
/** Rows drawn at most: beyond it bins are narrower than a pixel, and the SVG grows without showing more. */
export const MAX_ROWS_DRAWN = 6000;

const STRIP_PX = 52;
const MIN_STRIP_PX = 40;

/** The chart of queue occupancy. Rows may come in any order; a missing time bin leaves a gap. */
export function occupancyChart(rows: readonly OccupancyRow[], options: OccupancyOptions = {}): Chart {
  if (rows.length === 0) throw nothingToDraw('occupancy', 'the window holds no time bin');
  const byLoad = qidsByLoad(rows);
  const queueCount = Math.max(byLoad.length, options.queueCount ?? 0);
  const qids = byLoad.slice(0, MAX_QUEUES_DRAWN).toSorted((a, b) => a - b);
  const drawn = rows.filter((row) => qids.includes(row.qid));
  if (drawn.length > MAX_ROWS_DRAWN) {
    throw usageError(`${plural(drawn.length, 'time bin')} to draw; at most ${formatCount(MAX_ROWS_DRAWN)} can be shown`, [
      'Ask for fewer bins or a shorter window.',
    ]);
  }
  const all = seriesOf(drawn, qids);
  const yTop = axisTop(Math.max(...drawn.map((row) => row.max)));
  const depths = new Map(qids.flatMap((qid) => depthOf(options.depth, qid)));
  const depthLines = new Map([...depths].filter(([, depth]) => depth <= yTop));
  const widthPx = checkedPx('width', options.widthPx, DEFAULT_WIDTH_PX);
  const heading = {
    title: printable(options.title ?? 'Queue occupancy over time'),
    subtitle: sentences(
      options.subtitle,
      'Line: median of each time bin; band: its minimum to maximum. Time starts with the window.',
      ...(endsDiffer(all) ? ['A run that ends earlier leaves the rest of its panels empty.'] : []),
      ...(queueCount > qids.length ? [`The busiest ${qids.length} of ${queueCount} queues are shown.`] : []),
      ...depthSentences(depths, depthLines),
    ),
    widthPx,
  };
  const runCount = new Set(all.map((series) => series.run)).size;
  const stripCount = runCount * STAGES.length;
  const aroundPx = headingPx(heading) + aroundStripsPx(runCount) + 2 * PADDING_PX;
  const heightPx = checkedPx('height', options.heightPx, aroundPx + stripCount * STRIP_PX);
  const stripPx = Math.max(Math.floor((heightPx - aroundPx) / stripCount), MIN_STRIP_PX);
  const restPx = Math.max(heightPx - aroundPx - stripCount * stripPx, 0);
  return {
    ...heading,
    ...sizeAndTheme(options),
    id: options.id ?? 'occupancy',
    alt: `Entries per queue and stage over time. ${seriesInWords(all)}`,
    spec: occupancySpec(all, { widthPx, stripPx, restPx, yTop, depthLines }),
    data: binTable(all),
    summary: summaryTable(all),
  };
}

/** Whether the runs' windows differ by more than a time bin. */
function endsDiffer(all: readonly Series[]): boolean {
  const ends = all.map((series) => series.rows.at(-1)!);
  const lastS = Math.max(...ends.map((row) => row.endS));
  return ends.some((row) => row.endS < lastS - (row.endS - row.startS));
}

function depthOf(depth: OccupancyOptions['depth'], qid: number): [number, number][] {
  const own = typeof depth === 'number' ? depth : depth?.[qid];
  return own === undefined ? [] : [[qid, own]];
}

/** "Queue depth: 1,024 entries, beyond the axis." */
function depthSentences(depths: ReadonlyMap<number, number>, lines: ReadonlyMap<number, number>): string[] {
  const distinct = [...new Set(depths.values())];
  return distinct.map((depth) => {
    const qids = [...depths].filter(([, own]) => own === depth).map(([qid]) => qid);
    const of = distinct.length === 1 ? 'Queue depth' : `Depth of ${qids.length === 1 ? 'queue' : 'queues'} ${qids.join(', ')}`;
    return `${of}: ${formatCount(depth)} entries, ${qids.some((qid) => lines.has(qid)) ? 'the dashed line' : 'beyond the axis'}.`;
  });
}
