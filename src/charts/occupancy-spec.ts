// The drawing of the occupancy chart: below each run's name three strips, one per stage, and one column per queue.
// Strips, because in bursts each stage sweeps its whole range within a time bin: bands on top of each other hide each other.

import type { TopLevelSpec } from 'vega-lite';
import { usageError } from '../base/errors.js';
import { formatCount } from '../base/units.js';
import { STAGES, type Series } from './occupancy-data.js';
import { timeUnit } from './plot.js';
import { clipText, textWidthPx } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX } from './theme.js';

const STAGE_COLOURS = [COLOUR.blue, COLOUR.vermilion, COLOUR.green];

/** Narrower panels have no room for the numbers below them. */
const MIN_PANEL_PX = 60;
const PANEL_GAP_PX = 14;
const STRIP_GAP_PX = 16;
const RUN_GAP_PX = 16;
const LABEL_GAP_PX = 10;
/** Height of everything but the strips: queue names, x axis, and per run its name and the gaps of its strips. */
const COMMON_PX = 49;
const PER_RUN_PX = 22;
/** Ticks, title and gaps of the y axis, besides its numbers. */
const Y_AXIS_PX = 28;

export interface OccupancyLayout {
  readonly widthPx: number;
  readonly stripPx: number;
  /** Pixels of the height that don't divide by the number of strips. */
  readonly restPx: number;
  /** Top of the y axis, in entries; the same in each strip, so that heights compare. */
  readonly yTop: number;
  /** Depth of each queue that is drawn as a line; none when it lies beyond the axis or is unknown. */
  readonly depthLines: ReadonlyMap<number, number>;
}

/** One run's part of the drawing. */
type Panels = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];
type Strip = Extract<Panels, { facet: unknown; spec: unknown }>['spec'];

/** Height of all that isn't a strip. */
export function aroundStripsPx(runCount: number): number {
  const gaps = (STAGES.length - 1) * STRIP_GAP_PX;
  return COMMON_PX + runCount * (PER_RUN_PX + gaps) + (runCount - 1) * RUN_GAP_PX;
}

/** An even number of entries at or above `value`, with a round half: the axis shows 0, half and top. */
export function axisTop(value: number): number {
  const half = Math.max(value / 2, 1);
  const power = 10 ** Math.floor(Math.log10(half));
  const round = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10].map((m) => m * power).filter(Number.isInteger);
  return 2 * (round.find((candidate) => candidate >= half) ?? 10 * power);
}

/** The spec without heading. */
export function occupancySpec(all: readonly Series[], layout: OccupancyLayout): TopLevelSpec {
  const runs = [...new Set(all.map((series) => series.run))];
  const qids = [...new Set(all.map((series) => series.qid))].toSorted((a, b) => a - b);
  const windowS = Math.max(...all.map((series) => series.rows.at(-1)?.endS ?? 0));
  const unit = timeUnit(windowS);
  const forPanelsPx = layout.widthPx - besidePanelsPx(layout.yTop, qids.length);
  const panelPx = Math.floor(forPanelsPx / qids.length);
  if (panelPx < MIN_PANEL_PX) {
    throw usageError(`a width of ${layout.widthPx} px leaves ${panelPx} px per queue; at least ${MIN_PANEL_PX} px are needed`);
  }
  const titlePx = layout.widthPx - 2 * PADDING_PX;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    spacing: RUN_GAP_PX,
    // Pixels that don't divide by the number of panels go to the margins, so that the image is as large as asked.
    padding: {
      left: PADDING_PX,
      top: PADDING_PX,
      bottom: PADDING_PX + layout.restPx,
      right: PADDING_PX + (forPanelsPx % qids.length),
    },
    vconcat: runs.map((run, i): Panels => {
      const own = all.filter((series) => series.run === run);
      return {
        title: {
          text: clipText(run, titlePx, FONT_PX.text, true),
          anchor: 'start',
          frame: 'bounds',
          fontSize: FONT_PX.text,
          offset: i === 0 ? 4 : -3,
        },
        data: {
          values: [...blanks(qids), ...own.flatMap((series) => points(series, unit, layout.depthLines.get(series.qid)))],
        },
        facet: {
          row: {
            field: 'stage',
            type: 'nominal',
            sort: [...STAGES],
            header: { title: null, labelOrient: 'left', labelAngle: 0, labelAlign: 'left', labelFontWeight: 'normal' },
          },
          column: {
            field: 'queue',
            type: 'nominal',
            sort: qids.map(queueName),
            header: i === 0 ? { title: null, labelPadding: 4 } : { title: null, labels: false },
          },
        },
        bounds: 'flush',
        spacing: { row: STRIP_GAP_PX, column: PANEL_GAP_PX },
        spec: strip(timeEncoding(windowS, panelPx, i === runs.length - 1), panelPx, layout),
      };
    }),
  };
}

/** The time axis. Only the last run shows it: the others share it. */
function timeEncoding(windowS: number, panelPx: number, isShown: boolean) {
  const unit = timeUnit(windowS);
  const axis = { title: `time (${unit.name})`, format: '~f', tickCount: Math.max(2, Math.floor(panelPx / 70)), grid: false };
  return {
    field: 'time',
    type: 'quantitative',
    scale: { domain: [0, windowS * unit.perSecond] as [number, number], nice: false },
    axis: isShown ? axis : null,
  } as const;
}

/** Width of all that isn't a panel. */
function besidePanelsPx(yTop: number, queueCount: number): number {
  const stagesPx = Math.ceil(Math.max(...STAGES.map((stage) => textWidthPx(stage, FONT_PX.text)))) + LABEL_GAP_PX;
  const numbersPx = Math.ceil(textWidthPx(formatCount(yTop), FONT_PX.text));
  return 2 * PADDING_PX + stagesPx + Y_AXIS_PX + numbersPx + (queueCount - 1) * PANEL_GAP_PX;
}

/** One stage of one queue: band, median, and the queue's depth when it is within the axis. */
function strip(x: ReturnType<typeof timeEncoding>, widthPx: number, layout: OccupancyLayout): Strip {
  const y = {
    type: 'quantitative',
    scale: { domain: [0, layout.yTop] as [number, number], nice: false },
    axis: {
      title: 'entries',
      format: ',d',
      values: [0, layout.yTop / 2, layout.yTop] as number[],
      domain: false,
      ticks: false,
      labelPadding: 4,
    },
  } as const;
  const colour = {
    field: 'stage',
    type: 'nominal',
    scale: { domain: [...STAGES], range: STAGE_COLOURS },
    legend: null,
  } as const;
  return {
    width: widthPx,
    height: layout.stripPx,
    view: { stroke: COLOUR.axis, strokeWidth: 0.5 },
    layer: [
      {
        mark: { type: 'area', interpolate: 'step-after', opacity: 0.3 },
        encoding: { x, y: { ...y, field: 'min' }, y2: { field: 'max' }, color: colour },
      },
      {
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: 'median' }, color: colour },
      },
      {
        // One line per panel: the aggregate folds the points, which all carry the depth of their queue.
        mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1, strokeDash: [4, 3] },
        encoding: { y: { ...y, aggregate: 'max', field: 'depth' } },
      },
      {
        // As high as the strip: bands of many bins are too thin to be pointed at.
        transform: [{ filter: "datum.tip !== ''" }],
        mark: { type: 'rect', fillOpacity: 0, strokeOpacity: 0, aria: true },
        encoding: { x, x2: { field: 'end' }, y: { value: 0 }, y2: { value: layout.stripPx }, color: colour, description: { field: 'tip', type: 'nominal' } },
      },
    ],
  };
}

function queueName(qid: number): string {
  return `queue ${qid}`;
}

/** A value to draw from `time` on. null breaks line and band: there is no bin. */
interface Point {
  readonly queue: string;
  readonly stage: string;
  readonly time: number;
  /** Where its bin ends; null where there is no bin. */
  readonly end: number | null;
  /** What the bin says to whom points at it. */
  readonly tip: string;
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
  /** Only on the stage that the SQ's depth limits. */
  readonly depth: number | null;
}

/** One point without a value per panel, so that a queue or stage that a run lacks still has its empty panel. */
function blanks(qids: readonly number[]): Point[] {
  const nothing = { time: 0, end: null, tip: '', min: null, median: null, max: null, depth: null };
  return qids.flatMap((qid) => STAGES.map((stage) => ({ queue: queueName(qid), stage, ...nothing })));
}

/** The corners of a step line: the start of each bin, and the end of the last one before a gap. */
function points(series: Series, unit: ReturnType<typeof timeUnit>, depth: number | undefined): Point[] {
  const { run, qid, stage, rows } = series;
  const { perSecond } = unit;
  const base = { queue: queueName(qid), stage, depth: stage === 'SQ waiting' ? (depth ?? null) : null };
  return rows.flatMap((row, i) => {
    const { min, median, max } = row;
    const [time, endOfBin] = [row.startS * perSecond, row.endS * perSecond];
    const when = `${Number(time.toPrecision(4))} – ${Number(endOfBin.toPrecision(4))} ${unit.name}`;
    const tip = `${stage}: median ${formatCount(median)}, ${formatCount(min)} to ${formatCount(max)} entries, queue ${qid}, ${run}, ${when}`;
    const start = { ...base, time, end: endOfBin, tip, min, median, max };
    const next = rows[i + 1];
    const hasGap = next !== undefined && next.startS - row.endS > (row.endS - row.startS) / 2;
    if (next !== undefined && !hasGap) return [start];
    const end = { ...start, time: endOfBin, end: null, tip: '' };
    return hasGap ? [start, end, { ...end, min: null, median: null, max: null }] : [start, end];
  });
}
