// A sequence diagram: who does what, one step below the other, and what reaches the other side. Everything is laid out in pixels.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { plural } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { frameOf, SCHEMA } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { wrapText } from './text-width.js';
import { COLOUR, FONT_PX, PADDING_PX } from './theme.js';

export interface SequenceStep {
  readonly step: number;
  /** Whose step it is: an index into `lanes`. */
  readonly lane: number;
  readonly text: string;
  /** Something reaches the other side: an arrow is drawn there. */
  readonly reaches?: number;
  /** A step that is drawn quietly, as nobody takes it by itself. */
  readonly quiet?: boolean;
}

export interface Sequence {
  readonly title: string;
  /** What holds before the first step. */
  readonly start: string;
  readonly lanes: readonly string[];
  readonly steps: readonly SequenceStep[];
  /** What is wrong at the end. */
  readonly end: string;
}

/** Steps drawn at most; the table has all of them. */
export const MAX_STEPS = 300;
const LINE_PX = 16;
const GAP_PX = 12;
const STEP_GAP_PX = 6;
const HEAD_PX = 28;

/** The diagram as a chart; no lower than its steps need. */
export function sequenceChart(sequence: Sequence, options: ChartOptions = {}): Chart {
  const { title, start, steps, lanes, end } = sequence;
  if (steps.length === 0) throw nothingToDraw('sequence', 'there is no step');
  const drawn = steps.slice(0, MAX_STEPS);
  const left = steps.length - drawn.length;
  const asked = {
    id: 'sequence',
    title: printable(title),
    reading: [`Start: ${printable(start).replace(/[.]?$/, '.')}`, 'Arrows: a store becomes visible to the other side, or a ring reaches it.', ...(left > 0 ? [`${plural(left, 'further step')} in the table alone.`] : [])],
    aroundPx: 0,
    plotPx: 0,
  };
  const most = frameOf(asked, options);
  const insidePx = most.frame.widthPx - 2 * PADDING_PX;
  const layout = layoutOf(drawn, end, insidePx, lanes.length);
  const { heightPx: _, ...free } = options;
  const { frame, plotPx } = frameOf({ ...asked, plotPx: layout.heightPx }, most.plotPx >= layout.heightPx ? options : free);
  const table = tableOf(sequence);
  return {
    ...frame,
    alt: `${drawn.map(({ step, lane, text }) => `${step}. ${lanes[lane]}: ${printable(text)}`).join('; ')}. In the end: ${printable(end)}`,
    spec: specOf({ ...layout, heightPx: plotPx }, lanes, insidePx),
    data: table,
    summary: table,
  };
}

interface Line {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
  readonly tip: string;
}

interface Layout {
  readonly lines: readonly Line[];
  readonly dots: readonly { readonly x: number; readonly y: number; readonly colour: string }[];
  readonly arrows: readonly { readonly x: number; readonly y: number; readonly x2: number }[];
  readonly end: readonly Line[];
  /** Where the lanes' lines end. */
  readonly bottomPx: number;
  readonly heightPx: number;
}

function laneX(lane: number, insidePx: number, lanes: number): number {
  return 4 + (lane * insidePx) / lanes;
}

function layoutOf(steps: readonly SequenceStep[], end: string, insidePx: number, lanes: number): Layout {
  const lines: Line[] = [];
  const dots: { x: number; y: number; colour: string }[] = [];
  const arrows: { x: number; y: number; x2: number }[] = [];
  let y = HEAD_PX + LINE_PX / 2;
  for (const { step, lane, text, reaches, quiet } of steps) {
    const x = laneX(lane, insidePx, lanes);
    const colour = quiet === true ? COLOUR.grey : COLOUR.ink;
    const tip = `${step}. ${printable(text)}`;
    dots.push({ x, y, colour });
    for (const line of wrapText(tip, insidePx / lanes - 2 * GAP_PX, FONT_PX.text)) {
      lines.push({ x: x + GAP_PX, y, text: line, colour, tip });
      y += LINE_PX;
    }
    // Below the step's text, so that it strikes nothing through.
    if (reaches !== undefined && reaches !== lane) arrows.push({ x, y: y - LINE_PX / 2 + 2, x2: laneX(reaches, insidePx, lanes) });
    y += STEP_GAP_PX;
  }
  const bottomPx = y - LINE_PX / 2;
  y += GAP_PX;
  const verdict = printable(end);
  const last = wrapText(verdict, insidePx, FONT_PX.text, true).map((text, i) => ({ x: 0, y: y + i * LINE_PX, text, colour: COLOUR.vermilion, tip: verdict }));
  return { lines, dots, arrows, end: last, bottomPx, heightPx: y + last.length * LINE_PX };
}

function specOf({ lines, dots, arrows, end, bottomPx, heightPx }: Layout, lanes: readonly string[], insidePx: number): TopLevelSpec {
  const x = { field: 'x', type: 'quantitative', scale: null, axis: null } as const;
  const y = { field: 'y', type: 'quantitative', scale: null, axis: null } as const;
  const color = { field: 'colour', type: 'nominal', scale: null, legend: null } as const;
  const heads = lanes.map((text, lane) => ({ x: laneX(lane, insidePx, lanes.length), y: LINE_PX / 2, y2: bottomPx, text }));
  const texts = (values: readonly Line[], isBold: boolean): object => ({
    data: { values },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_PX.text, fontWeight: isBold ? 'bold' : 'normal', limit: insidePx, aria: true },
    encoding: { x, y, color, text: { field: 'text', type: 'nominal' }, description: { field: 'tip', type: 'nominal' } },
  });
  const spec = {
    $schema: SCHEMA,
    width: insidePx,
    height: heightPx,
    layer: [
      { data: { values: heads.map((head) => ({ ...head, y: HEAD_PX - LINE_PX / 2 })) }, mark: { type: 'rule', color: COLOUR.axis }, encoding: { x, y, y2: { field: 'y2' } } },
      { data: { values: heads }, mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_PX.text, fontWeight: 'bold', color: COLOUR.ink }, encoding: { x, y, text: { field: 'text', type: 'nominal' } } },
      { data: { values: arrows }, mark: { type: 'rule', color: COLOUR.blue, strokeWidth: 1.3 }, encoding: { x, y, x2: { field: 'x2' } } },
      ...(['right', 'left'] as const).map((to) => ({
        data: { values: arrows.filter((arrow) => arrow.x2 > arrow.x === (to === 'right')).map((arrow) => ({ x: arrow.x2 + (to === 'right' ? -4 : 4), y: arrow.y })) },
        mark: { type: 'point', shape: `triangle-${to}`, filled: true, size: 50, color: COLOUR.blue, opacity: 1 },
        encoding: { x, y },
      })),
      { data: { values: dots }, mark: { type: 'point', filled: true, size: 30, opacity: 1 }, encoding: { x, y, color } },
      texts(lines, false),
      texts(end, true),
    ],
  };
  // Its parts are put together from constants whose types Vega-Lite's unions don't recognise.
  return spec as unknown as TopLevelSpec;
}

function tableOf({ steps, lanes }: Sequence): DataTable {
  return {
    columns: [
      { key: 'step', title: 'step', meaning: 'its place in the counterexample', kind: 'count' },
      { key: 'thread', title: 'thread', meaning: 'whose step it is', kind: 'text' },
      { key: 'text', title: 'what it does', meaning: 'the step in words', kind: 'text' },
      { key: 'reaches', title: 'reaches', meaning: 'the other side, where it learns of it', kind: 'text' },
    ],
    rows: steps.map(({ step, lane, text, reaches }) => ({ step, thread: lanes[lane]!, text: printable(text), reaches: reaches === undefined ? null : lanes[reaches]! })),
  };
}
