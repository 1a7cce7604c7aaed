// A short window at the level of single commands and doorbells: lanes for driver, shared memory and device, and below them
// each command's way as a bar. A ring is a filled triangle; a ring that the shadow doorbell made needless is a hollow one.

import { usageError } from '../base/errors.js';
import { plural } from '../base/units.js';
import { nothingToDraw } from './options.js';
import { durationText, frameOf, LEGEND_PX, X_AXIS_PX } from './plot.js';
import type { Chart, ChartOptions, DataTable } from './spec.js';
import { LANES, lanesPx, slotsOf, STEPS, timelineSpec, type LaneName, type TimelineLayout } from './timeline-spec.js';

export { LANES, type LaneName } from './timeline-spec.js';

/** What a mark in a lane stands for. */
export type MarkKind = 'ring' | 'no ring' | 'event';

/** One moment in one lane; times in seconds since the start of the window. */
export interface TimelineMark {
  readonly lane: LaneName;
  readonly kind: MarkKind;
  readonly atS: number;
  /** In a few words, for tooltip and table: "SQ tail 17". */
  readonly what: string;
}

/** One command; null where the capture doesn't show the step. */
export interface TimelineCommand {
  readonly name: string;
  /** Built, or where that isn't captured announced. */
  readonly fromS: number | null;
  readonly fetchedS: number | null;
  readonly completedS: number | null;
  readonly reapedS: number | null;
}

export interface Timeline {
  readonly spanS: number;
  readonly marks: readonly TimelineMark[];
  readonly commands: readonly TimelineCommand[];
}

/** What is drawn at most. */
export const MAX_MARKS = 1500;
export const MAX_COMMANDS = 300;

/** The chart of a window. The caller's subtitle says which queue, and where in the trace the window lies. */
export function timelineChart(timeline: Timeline, options: ChartOptions = {}): Chart {
  const { marks, commands, spanS } = timeline;
  if (marks.length + commands.length === 0) throw nothingToDraw('timeline', 'the window holds no event of the queue');
  if (marks.length > MAX_MARKS || commands.length > MAX_COMMANDS) {
    throw usageError(`${plural(marks.length, 'event')} and ${plural(commands.length, 'command')} to draw; at most ${MAX_MARKS} and ${MAX_COMMANDS} can be shown`, [
      'Ask for a shorter window.',
    ]);
  }
  const lanes = LANES.filter(({ lane }) => marks.some((mark) => mark.lane === lane));
  const slots = slotsOf(commands, spanS);
  const slotCount = 1 + Math.max(-1, ...slots);
  const rings = marks.filter((mark) => mark.kind === 'ring').length;
  const suppressed = marks.filter((mark) => mark.kind === 'no ring').length;
  const asked = { lanes, slotCount, slotPx: Math.max(3, Math.min(8, 160 / Math.max(slotCount, 1))) };
  const { frame, plotPx } = frameOf(
    {
      id: 'timeline',
      title: `${plural(commands.length, 'command')} in ${durationText(spanS)}: ${plural(rings, 'ring')}${suppressed === 0 ? '' : `, at least ${suppressed} suppressed`}`,
      reading: [`Filled triangle: the driver wrote the register.${suppressed === 0 ? '' : ' Hollow triangle: the device learnt of the new value from the shadow doorbell, without a write.'}`],
      aroundPx: X_AXIS_PX + LEGEND_PX,
      plotPx: lanesPx(asked) + slotCount * asked.slotPx,
    },
    options,
  );
  const slotPx = Math.max((plotPx - lanesPx(asked)) / Math.max(slotCount, 1), 1);
  const layout: TimelineLayout = { ...asked, slotPx, widthPx: frame.widthPx, plotPx: lanesPx(asked) + slotCount * slotPx };
  return {
    ...frame,
    alt: `Swimlanes of ${durationText(spanS)}: ${lanes.map(({ lane }) => `${lane}: ${marks.filter((mark) => mark.lane === lane).length}`).join('; ')}. ${plural(commands.length, 'command')}.`,
    series: STEPS.map(({ step }) => step),
    spec: timelineSpec(timeline, slots, layout),
    data: dataTable(timeline),
    summary: summaryTable(timeline),
  };
}

function dataTable({ marks, commands }: Timeline): DataTable {
  const steps = commands.flatMap(({ name, fromS, fetchedS, completedS, reapedS }) => [
    { lane: 'command', kind: 'waits from', at_s: fromS, what: name },
    { lane: 'command', kind: 'fetched', at_s: fetchedS, what: name },
    { lane: 'command', kind: 'completed', at_s: completedS, what: name },
    { lane: 'command', kind: 'reaped', at_s: reapedS, what: name },
  ]);
  const rows = [...marks.map(({ lane, kind, atS, what }) => ({ lane: lane as string, kind: kind as string, at_s: atS as number | null, what })), ...steps];
  return {
    columns: [
      { key: 'at_s', title: 'at (s)', meaning: 'time since the start of the window', kind: 'number', digits: 9 },
      { key: 'lane', title: 'lane', meaning: 'whose event', kind: 'text' },
      { key: 'kind', title: 'kind', meaning: 'ring: register write; no ring: seen in shared memory alone', kind: 'text' },
      { key: 'what', title: 'what', meaning: 'value or command', kind: 'text' },
    ],
    rows: rows.filter((row) => row.at_s !== null).toSorted((a, b) => a.at_s! - b.at_s!),
  };
}

function summaryTable({ marks }: Timeline): DataTable {
  return {
    columns: [
      { key: 'lane', title: 'lane', meaning: 'whose events', kind: 'text' },
      { key: 'events', title: 'events', meaning: 'events in the window', kind: 'count' },
      { key: 'rings', title: 'rings', meaning: 'register writes among them', kind: 'count' },
      { key: 'suppressed', title: 'suppressed', meaning: 'rings that the shadow doorbell made needless', kind: 'count' },
    ],
    rows: LANES.map(({ lane }) => ({ lane, own: marks.filter((mark) => mark.lane === lane) }))
      .filter(({ own }) => own.length > 0)
      .map(({ lane, own }) => ({
        lane,
        events: own.length,
        rings: own.filter((mark) => mark.kind === 'ring').length,
        suppressed: own.filter((mark) => mark.kind === 'no ring').length,
      })),
  };
}
