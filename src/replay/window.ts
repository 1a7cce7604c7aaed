// The window of a closed loop: how many commands the submitter of each queue goes up to.

import { ACTION, type ActionLog } from './action-log.js';
import type { SteadyPart } from './steady.js';

export interface Window {
  /** Commands outstanding that the submitter goes up to, as far as the recording shows. */
  readonly commands: number;
  /**
   * Whether it was reached again and again, so that it is the submitter's limit. Otherwise the device kept up, and the
   * limit may lie anywhere above.
   */
  readonly reached: boolean;
}

/** A level of outstanding commands counts as reached when this share of the commands was reaped from it. */
const REACHED_SHARE = 0.003;

/**
 * The window of each of the part's queues, by place.
 * @param apart whether the vCPUs ran side by side with one another, so that jobs hardly met on one queue
 */
export function measureWindows(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>, apart = false): ReadonlyMap<number, Window> {
  const start = (places: readonly number[]): number => part.edges?.start.of(places).outstanding ?? 0;
  const own = new Map(part.queues.map((place) => [place, new Levels(start([place]))]));
  const all = new Levels(start(part.queues));
  // A pass without a register write is seen when the device reads of it, by when the submitter may have filled its window again: what is
  // outstanding then seems more than it ever was. The device's own completions are seen when they happen.
  const silent = hasSilentPasses(log, part);
  const leaves = silent ? ACTION.complete : ACTION.reap;
  for (let row = part.from; row < part.to; row++) {
    const levels = own.get(log.queue[row]!);
    if (levels === undefined) continue;
    for (const each of [levels, all]) {
      if (log.action[row] === ACTION.announce) each.submit(log.count[row]!);
      else if (log.action[row] === leaves) each.leave(log.count[row]!, silent);
    }
  }
  // Jobs may meet on one queue for a while, so that no window is larger than the queue's share of all that was outstanding.
  const busy = [...own.values()].filter((levels) => levels.commands > 0).length;
  const shareOfAll = Math.ceil(all.highest(REACHED_SHARE) / Math.max(busy, 1));
  return new Map([...own].map(([place, levels]) => {
    const commands = Math.min(levels.highest(REACHED_SHARE), apart ? Infinity : shareOfAll);
    const reached = levels.shareFrom(commands) > REACHED_AGAIN;
    return [place, { commands: reached ? commands : Math.max(commands, powerOfTwo(levels.top())), reached }];
  }));
}

function hasSilentPasses(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): boolean {
  for (let row = part.from; row < part.to; row++) if (log.action[row] === ACTION.reap && log.mmio[row] === 0) return true;
  return false;
}

/** A window that this share of the submissions filled is the submitter's limit. */
const REACHED_AGAIN = 0.05;

/** The next power of two: the depths that workloads are given usually are. */
function powerOfTwo(commands: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(commands, 1)));
}

class Levels {
  commands = 0;
  private outstanding: number;
  /** The number outstanding before those began to leave that left last. */
  private from: number;
  /** Commands that left, by that number. */
  private readonly left = new Map<number, number>();

  constructor(outstanding: number) {
    this.outstanding = outstanding;
    this.from = outstanding;
  }

  submit(count: number): void {
    this.outstanding += count;
    this.from = this.outstanding;
    this.commands += count;
  }

  /** @param oneByOne whether what leaves together is told one by one: without a submission in between, all of it leaves from one level */
  leave(count: number, oneByOne: boolean): void {
    if (!oneByOne) this.from = this.outstanding;
    this.left.set(this.from, (this.left.get(this.from) ?? 0) + count);
    this.outstanding -= count;
  }

  /** The highest level of all. */
  top(): number {
    return Math.max(1, ...this.left.keys());
  }

  /** The highest level from which at least this share of the commands left; 1 without any. */
  highest(share: number): number {
    let total = 0;
    for (const count of this.left.values()) total += count;
    let highest = 1;
    for (const [level, count] of this.left) if (count >= total * share) highest = Math.max(highest, level);
    return highest;
  }

  /** The share of the commands that left from that level or a higher one. */
  shareFrom(level: number): number {
    let total = 0;
    let from = 0;
    for (const [each, count] of this.left) {
      total += count;
      if (each >= level) from += count;
    }
    return from / Math.max(total, 1);
  }
}
