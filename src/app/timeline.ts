// The timeline of one queue pair over a short window of a recording: its doorbells, event indexes and commands one by one.

import { NS_PER_S, formatNs } from '../base/units.js';
import { nothingToDraw } from '../charts/options.js';
import type { Chart, ChartOptions } from '../charts/spec.js';
import { type LaneName, type MarkKind, type TimelineCommand, type TimelineMark, MAX_COMMANDS, timelineChart } from '../charts/timeline.js';
import { type CommandTimes, busiestLife, commandsFrom, commandsWithin } from '../store/command-times.js';
import type { Store } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import { eventsWithin } from '../store/reader.js';
import type { EventBatch } from '../trace/batch.js';
import { KIND, SIDE_CQ } from '../trace/event.js';
import { traceNamed } from './subject.js';

export interface TimelineOptions {
  /** Name, number or SHA-256 of the trace. */
  readonly trace: string;
  /** Submission queue; by default the one with most commands. */
  readonly queue?: number | undefined;
  /** Start of the window in ns since the trace's origin; by default in the middle of the queue's commands. */
  readonly fromNs?: number | undefined;
  /** Length of the window in ns; by default as long as a few dozen commands take. */
  readonly spanNs?: number | undefined;
}

/** Commands in a window that the user leaves to us. */
const COMMANDS_SHOWN = 40;
/** Events read ahead of the window: they show the doorbells' values at its start. */
const EVENTS_AHEAD = 4096;

/** The timeline of a trace. */
export function timelineChartOf(store: Store, { trace: reference, queue, fromNs: askedNs, spanNs }: TimelineOptions, picture: ChartOptions = {}): Chart {
  const trace = traceNamed(store, reference);
  if (trace.clock === 'none') throw nothingToDraw('timeline', `trace ${trace.name} has no time stamps`);
  const life = busiestLife(store, trace.id, queue);
  if (life === undefined) throw nothingToDraw('timeline', `trace ${trace.name} shows no command on ${queue === undefined ? 'an I/O queue' : `queue ${queue}`}`);
  const middle = commandsFrom(store, trace.id, life.life, askedNs === undefined ? Math.floor(life.commands / 2) : { fromNs: askedNs }, COMMANDS_SHOWN);
  if (middle.length === 0) throw nothingToDraw('timeline', `queue ${life.qid} shows no command from ${(askedNs ?? 0) / NS_PER_S} s on`);
  const fromNs = askedNs ?? Math.min(...middle.map(startOf));
  const toNs = spanNs === undefined ? Math.max(fromNs + 1000, ...middle.map(startOf)) : fromNs + spanNs;
  const window = { fromNs, toNs };
  const commands = commandsWithin(store, trace.id, life.life, window, MAX_COMMANDS + 1);
  const toS = (ns: number | null): number | null => (ns === null ? null : (ns - fromNs) / NS_PER_S);
  return timelineChart(
    {
      spanS: (toNs - fromNs) / NS_PER_S,
      marks: [...doorbellMarks(store, trace, life, window), ...stepMarks(commands, window)].toSorted((a, b) => a.atS - b.atS),
      commands: commands.map((command): TimelineCommand => ({
        name: nameOf(command),
        fromS: toS(command.setupNs ?? command.announcedNs),
        fetchedS: toS(command.fetchedNs),
        completedS: toS(command.completedNs),
        reapedS: toS(command.reapedNs),
      })),
    },
    { ...picture, subtitle: `Trace ${trace.name}, queue ${life.qid}, from ${formatNs(fromNs)} on.` },
  );
}

/** The timeline that a review shows: a few dozen commands in the middle of the busiest queue. */
export function recordedTimelineOf(store: Store, trace: TraceRow, id: string): Chart {
  return timelineChartOf(store, { trace: trace.name }, { id });
}

function startOf({ setupNs, announcedNs, fetchedNs }: CommandTimes): number {
  return setupNs ?? announcedNs ?? fetchedNs ?? Infinity;
}

function nameOf({ cid, position }: CommandTimes): string {
  return position === null ? `cid ${cid}` : `command ${position}, cid ${cid}`;
}

const STEPS = [
  ['setupNs', 'driver: builds'],
  ['fetchedNs', 'device: fetches'],
  ['completedNs', 'device: completes'],
] as const;

/** Marks for the steps of the commands, and one for each interrupt that told of completions. */
function stepMarks(commands: readonly CommandTimes[], { fromNs, toNs }: Window): TimelineMark[] {
  const at = (ns: number | null): number | null => (ns === null || ns < fromNs || ns > toNs ? null : (ns - fromNs) / NS_PER_S);
  const marks = commands.flatMap((command) =>
    STEPS.flatMap(([step, lane]): TimelineMark[] => {
      const atS = at(command[step]);
      return atS === null ? [] : [{ lane, kind: 'event', atS, what: nameOf(command) }];
    }),
  );
  const interrupts = new Set(commands.map((command) => at(command.interruptNs)).filter((atS) => atS !== null));
  return [...marks, ...[...interrupts].map((atS): TimelineMark => ({ lane: 'device: interrupts', kind: 'event', atS, what: 'interrupt' }))];
}

interface Window {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Doorbell writes, new shadow values and event indexes of a queue pair. A shadow value that the register had told before is not new. */
function doorbellMarks(store: Store, trace: TraceRow, { qid, cqid, controller }: { readonly qid: number; readonly cqid: number; readonly controller: number }, window: Window): TimelineMark[] {
  const marks: TimelineMark[] = [];
  const known: [number, number] = [NaN, NaN];
  const look = (batch: EventBatch, row: number): void => {
    const side = batch.side[row] === SIDE_CQ ? 1 : 0;
    if (batch.controller[row] !== controller || batch.queue[row] !== (side === 1 ? cqid : qid)) return;
    const value = batch.value[row]!;
    const add = (lane: LaneName, kind: MarkKind, name: string): void => {
      const timeNs = batch.timeNs[row]!;
      if (timeNs >= window.fromNs && timeNs <= window.toNs) marks.push({ lane, kind, atS: (timeNs - window.fromNs) / NS_PER_S, what: `${name} ${value}` });
    };
    const name = side === 1 ? 'CQ head' : 'SQ tail';
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
        known[side] = value;
        add(side === 1 ? 'driver: CQ head' : 'driver: SQ tail', 'ring', name);
        break;
      case KIND['doorbell.shadow']:
        if (!Number.isNaN(known[side]) && known[side] !== value) add(side === 1 ? 'memory: shadow CQ' : 'memory: shadow SQ', 'no ring', name);
        known[side] = value;
        break;
      case KIND.eventidx:
        add(side === 1 ? 'memory: EventIdx CQ' : 'memory: EventIdx SQ', 'event', 'EventIdx');
        break;
      default:
        break;
    }
  };
  for (const batch of eventsWithin(store, trace, window, EVENTS_AHEAD)) for (let row = 0; row < batch.length; row++) look(batch, row);
  return marks;
}
