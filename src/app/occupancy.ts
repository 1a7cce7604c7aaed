// Occupancy over time of a recording's steady part, and of the replay that a prediction's numbers come from.

import { History } from '../history/history.js';
import type { SqLife } from '../history/lives.js';
import { OccupancyObserver, STAGES as LEVELS, type Stage as Level } from '../history/occupancy.js';
import { LevelBins, type TimeWindow } from '../metrics/occupancy.js';
import { NS_PER_S } from '../base/units.js';
import type { OccupancyRow, Stage } from '../charts/occupancy.js';
import { type Configuration, runOnce } from '../replay/run.js';
import type { Store } from '../store/open.js';
import { type Replayable, readHistory } from './subject.js';

/** Time bins per run: with 4 queues and 3 stages two runs stay below the chart's limit. */
export const OCCUPANCY_BINS = 120;

const STAGE_NAMES: Readonly<Record<Level, Stage>> = { sq: 'SQ waiting', device: 'in device', cq: 'CQ unreaped' };

/** Collects the levels of chosen queues over a window. */
class OccupancyCollector {
  readonly observer: OccupancyObserver;
  private readonly bins = new Map<number, Record<Level, LevelBins>>();

  constructor(window: TimeWindow, chosen: (sq: SqLife) => boolean) {
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

  rows(run: string): OccupancyRow[] {
    return [...this.bins].sort(([a], [b]) => a - b).flatMap(([qid, own]) =>
      LEVELS.flatMap((level) =>
        own[level].finish().map(({ startNs, endNs, min, median, max }) => ({
          run,
          qid,
          stage: STAGE_NAMES[level],
          startS: startNs / NS_PER_S,
          endS: endNs / NS_PER_S,
          min,
          median,
          max,
        })),
      ),
    );
  }
}

/** The recording's occupancy over its steady part. */
export function recordedOccupancy(store: Store, { trace, subject: { log }, part }: Replayable, run: string): OccupancyRow[] {
  const window = { fromNs: log.timeNs[part.from]!, toNs: log.timeNs[part.to - 1]! };
  const replayed = new Set(part.queues.map((place) => lifeKey(log.queues[place]!)));
  const collector = new OccupancyCollector(window, (sq) => replayed.has(lifeKey(sq)));
  readHistory(store, trace, [collector.observer]);
  return collector.rows(run);
}

/** The occupancy of one replay of `durationNs`. */
export function replayedOccupancy(
  replayable: Replayable,
  configuration: Configuration,
  { seed, durationNs }: { readonly seed: number; readonly durationNs: number },
  run: string,
): OccupancyRow[] {
  const collector = new OccupancyCollector({ fromNs: 0, toNs: durationNs }, () => true);
  const history = new History([collector.observer]);
  runOnce(replayable.subject, configuration, seed, (batch) => history.push(batch));
  return collector.rows(run);
}

/** Depth of each replayed queue, by queue identifier. */
export function depthsOf({ subject: { log }, part }: Replayable): Readonly<Record<number, number>> {
  return Object.fromEntries(part.queues.map((place) => [log.queues[place]!.qid, log.queues[place]!.depth]));
}

/** Identifies a queue's life across two readings of a trace. */
function lifeKey(sq: SqLife): string {
  return `${sq.controller}/${sq.epoch}/${sq.qid}`;
}
