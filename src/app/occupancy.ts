// Occupancy over time: levels of chosen queues in time bins; and the steady part of a recording, as lives.

import type { SqLife } from '../history/lives.js';
import { OccupancyObserver, STAGES as LEVELS, type Stage as Level } from '../history/occupancy.js';
import { LevelBins, type TimeWindow } from '../metrics/occupancy.js';
import { NS_PER_S } from '../base/units.js';
import type { OccupancyRow, Stage } from '../charts/occupancy.js';
import type { SteadyPart } from '../replay/steady.js';
import type { Replayable } from './subject.js';

/** Time bins per run: with 4 queues and 3 stages two runs stay below the chart's limit. */
export const OCCUPANCY_BINS = 120;

const STAGE_NAMES: Readonly<Record<Level, Stage>> = { sq: 'SQ waiting', device: 'in device', cq: 'CQ unreaped' };

/** Collects the levels of chosen queues over a window. */
export class OccupancyCollector {
  readonly observer: OccupancyObserver;
  private readonly window: TimeWindow;
  private readonly bins = new Map<number, Record<Level, LevelBins>>();

  constructor(window: TimeWindow, chosen: (sq: SqLife) => boolean) {
    this.window = window;
    this.observer = new OccupancyObserver((sq, level, timeNs, entries) => {
      if (!chosen(sq)) return;
      let own = this.bins.get(sq.qid);
      if (own === undefined) {
        const fresh = (): LevelBins => new LevelBins(window, OCCUPANCY_BINS);
        own = { sq: fresh(), device: fresh(), cq: fresh() };
        this.bins.set(sq.qid, own);
      }
      own[level].change(timeNs, entries);
    });
  }

  /** Times in seconds count from the start of the window. */
  rows(): Omit<OccupancyRow, 'run'>[] {
    return [...this.bins].sort(([a], [b]) => a - b).flatMap(([qid, own]) =>
      LEVELS.flatMap((level) =>
        own[level].finish().map(({ startNs, endNs, min, median, max }) => ({
          qid,
          stage: STAGE_NAMES[level],
          startS: (startNs - this.window.fromNs) / NS_PER_S,
          endS: (endNs - this.window.fromNs) / NS_PER_S,
          min,
          median,
          max,
        })),
      ),
    );
  }
}

/** Whether a life of a queue belongs to the steady part: asked of another reading of the same trace. */
export function steadyLives(queues: readonly SqLife[], part: SteadyPart): (sq: SqLife) => boolean {
  const replayed = new Set(part.queues.map((place) => lifeKey(queues[place]!)));
  return (sq) => replayed.has(lifeKey(sq));
}

/** Depth of each replayed queue, by queue identifier. */
export function depthsOf({ recording: { queues }, part }: Replayable): Readonly<Record<number, number>> {
  return Object.fromEntries(part.queues.map((place) => [queues[place]!.qid, queues[place]!.depth]));
}

/** Identifies a queue's life across two readings of a trace. */
function lifeKey(sq: SqLife): string {
  return `${sq.controller}/${sq.epoch}/${sq.qid}`;
}
