// The drawing of the timeline: one plot whose rows are lanes of marks and, below them, slots of command bars.

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../base/text.js';
import { SCHEMA, timeUnit } from './plot.js';
import type { Timeline, TimelineCommand } from './timeline.js';
import { COLOUR, FONT_PX } from './theme.js';

/** Every lane, from top to bottom, with the one whose it is. */
export const LANES = [
  { lane: 'driver: builds', owner: 'driver' },
  { lane: 'driver: SQ tail', owner: 'driver' },
  { lane: 'driver: CQ head', owner: 'driver' },
  { lane: 'memory: shadow SQ', owner: 'memory' },
  { lane: 'memory: EventIdx SQ', owner: 'memory' },
  { lane: 'memory: shadow CQ', owner: 'memory' },
  { lane: 'memory: EventIdx CQ', owner: 'memory' },
  { lane: 'device: fetches', owner: 'device' },
  { lane: 'device: completes', owner: 'device' },
  { lane: 'device: interrupts', owner: 'device' },
] as const;
export type LaneName = (typeof LANES)[number]['lane'];

const LANE_PX = 19;
const GAP_PX = 12;

export interface TimelineLayout {
  readonly lanes: readonly (typeof LANES)[number][];
  readonly slotCount: number;
  readonly slotPx: number;
  readonly widthPx: number;
  readonly plotPx: number;
}

/** Height of all lanes. */
export function lanesPx({ lanes }: Pick<TimelineLayout, 'lanes'>): number {
  return lanes.length * LANE_PX + GAP_PX;
}

/** The parts of a command's bar. */
export const STEPS = [
  { step: 'SQ waiting', colour: COLOUR.blue },
  { step: 'in device', colour: COLOUR.orange },
  { step: 'CQ unreaped', colour: COLOUR.green },
] as const;

/** A row for each command's bar: the first that is free. */
export function slotsOf(commands: readonly TimelineCommand[], spanS: number): number[] {
  const free: number[] = [];
  return commands.map((command) => {
    const [fromS, toS] = reach(command, spanS);
    const found = free.findIndex((untilS) => untilS <= fromS);
    const slot = found < 0 ? free.length : found;
    free[slot] = toS;
    return slot;
  });
}

/** From a command's first known moment to its last; what lies outside of the window is cut off. */
function reach({ fromS, fetchedS, completedS, reapedS }: TimelineCommand, spanS: number): [number, number] {
  const known = [fromS, fetchedS, completedS, reapedS].filter((at) => at !== null);
  const open = reapedS === null && completedS === null ? spanS : 0;
  return [Math.max(Math.min(...known, spanS), 0), Math.min(Math.max(...known, open, 0), spanS)];
}

/** The spec without heading. */
export function timelineSpec({ spanS, marks, commands }: Timeline, slots: readonly number[], layout: TimelineLayout): TopLevelSpec {
  const { lanes, slotPx, plotPx, widthPx } = layout;
  const unit = timeUnit(spanS);
  const firstSlotPx = lanesPx(layout);
  const placeOf = new Map(lanes.map(({ lane }, i) => [lane, (i + 0.5) * LANE_PX]));
  const points = marks.map(({ lane, kind, atS, what }) => ({
    at: atS * unit.perSecond,
    y: placeOf.get(lane)!,
    kind,
    tip: `${lane}: ${kind === 'no ring' ? 'no ring, ' : ''}${printable(what)}, ${Number((atS * unit.perSecond).toPrecision(6))} ${unit.name}`,
  }));
  const bars = commands.flatMap((command, i) => {
    const top = firstSlotPx + slots[i]! * slotPx;
    const { fromS, fetchedS, completedS, reapedS } = command;
    const ends = [[fromS, fetchedS], [fetchedS, completedS], [completedS, reapedS]] as const;
    return ends.flatMap(([startS, endS], step) => {
      // A step that is under way at the window's edge reaches up to it.
      const [from, to] = [Math.max(startS ?? NaN, 0), Math.min(endS ?? spanS, spanS)];
      if (Number.isNaN(from) || !(to > from)) return [];
      const name = STEPS[step]!.step;
      return [{ from: from * unit.perSecond, to: to * unit.perSecond, y: top, y2: top + slotPx * 0.8, step: name, tip: `${name}: ${printable(command.name)}` }];
    });
  });
  const scale = { domain: [0, plotPx] as [number, number], reverse: true, nice: false };
  const hasSlots = layout.slotCount > 0;
  const labels = [...lanes.map(({ lane }) => ({ at: placeOf.get(lane)!, text: lane as string })), ...(hasSlots ? [{ at: (firstSlotPx + plotPx) / 2, text: 'commands' }] : [])];
  const y = {
    type: 'quantitative',
    scale,
    axis: {
      title: null,
      values: labels.map(({ at }) => at),
      labelExpr: `[${labels.map(({ text }) => `'${text}'`).join(',')}][indexof([${labels.map(({ at }) => at).join(',')}], datum.value)]`,
      grid: false,
      ticks: false,
      domain: false,
      labelPadding: 8,
      labelOverlap: false,
    },
  } as const;
  const x = {
    type: 'quantitative',
    scale: { domain: [0, spanS * unit.perSecond] as [number, number], nice: false },
    axis: { title: `time since the start of the window (${unit.name})`, format: '~r', grid: true, tickCount: Math.max(3, Math.floor(widthPx / 110)) },
  } as const;
  const mark = (kind: string) => ({ transform: [{ filter: `datum.kind === '${kind}'` }], encoding: { x: { ...x, field: 'at' }, y: { ...y, field: 'y' }, description: { field: 'tip', type: 'nominal' } } }) as const;
  return {
    $schema: SCHEMA,
    width: widthPx,
    height: plotPx,
    autosize: { type: 'fit-x', contains: 'padding' },
    layer: [
      {
        // Faint lines part the three: driver, shared memory, device.
        data: { values: lanes.flatMap(({ owner }, i) => (i > 0 && lanes[i - 1]!.owner !== owner ? [{ y: i * LANE_PX }] : [])) },
        mark: { type: 'rule', color: COLOUR.axis, strokeWidth: 0.5 },
        encoding: { y: { ...y, field: 'y' } },
      },
      {
        data: { values: bars },
        mark: { type: 'rect', aria: true },
        encoding: {
          x: { ...x, field: 'from' },
          x2: { field: 'to' },
          y: { ...y, field: 'y' },
          y2: { field: 'y2' },
          color: {
            field: 'step',
            type: 'nominal',
            scale: { domain: STEPS.map(({ step }) => step), range: STEPS.map(({ colour }) => colour) },
            legend: { title: null, symbolType: 'square' },
          },
          description: { field: 'tip', type: 'nominal' },
        },
      },
      { data: { values: points }, ...mark('event'), mark: { type: 'tick', orient: 'vertical', thickness: 1.5, height: 11, color: COLOUR.grey, opacity: 1, aria: true } },
      { data: { values: points }, ...mark('no ring'), mark: { type: 'point', shape: 'triangle-down', size: FONT_PX.text * 5, filled: false, fill: COLOUR.paper, stroke: COLOUR.vermilion, strokeWidth: 1.5, opacity: 1, aria: true } },
      { data: { values: points }, ...mark('ring'), mark: { type: 'point', shape: 'triangle-down', size: FONT_PX.text * 5, filled: true, color: COLOUR.vermilion, opacity: 1, aria: true } },
    ],
  } as TopLevelSpec;
}
