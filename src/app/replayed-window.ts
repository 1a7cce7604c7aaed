// What was replayed of a recording, where that isn't all of it.

import { formatCount } from '../base/units.js';
import type { SteadyPart } from '../replay/steady.js';
import type { RecordingFacts } from './subject.js';
import { type WindowData, windowIn, windowOut, windowText } from './time-window.js';

/** A part of a trace that was replayed. */
export interface ReplayedWindow extends WindowData {
  /** Commands under way when it began: they aren't replayed, and the register writes for their completions are counted in the baseline. */
  readonly in_flight_at_start: number;
  /** Commands under way when it ended: they are replayed to their end. */
  readonly in_flight_at_end: number;
}

/** What was replayed of a recording; null where that is all of it. */
export function replayedWindow({ cut }: Pick<RecordingFacts, 'cut'>, { queues, edges }: SteadyPart): ReplayedWindow | null {
  if (cut === undefined || edges === undefined) return null;
  return { ...windowOut(cut), in_flight_at_start: edges.start.of(queues).outstanding, in_flight_at_end: edges.end.of(queues).outstanding };
}

/** What became of the commands at its edges, in a sentence. */
export function edgesText(window: ReplayedWindow): string {
  const { in_flight_at_start: start, in_flight_at_end: end } = window;
  const part = `Of the trace only ${windowText(windowIn(window))} was replayed and is counted`;
  return `${part}: ${formatCount(start)} commands under way at its start are not replayed, ${formatCount(end)} under way at its end are, to their end.`;
}
