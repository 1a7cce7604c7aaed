// What is followed of one queue's vCPU while a recording is read, and the think times between its submissions.

import type { Jump } from './batches.js';
import { type Bounds, Durations, exactly, less } from './censored.js';
import { Samples } from './samples.js';
import type { Window } from './window.js';

/** A pass over the CQ between two submissions. */
export interface Pass {
  readonly timeNs: number;
  readonly outstanding: number;
  /** vCPU time that the handler took before it, in ns; NaN when it isn't known. */
  readonly handledNs: number;
}

/** Times that a vCPU took for itself before submissions. */
export class ThinkTimes {
  readonly times = new Durations();
  /** Whether the submission before it woke the device, by number. */
  private readonly woke = new Samples<boolean>();

  push(time: Bounds, woke: boolean): void {
    this.times.push(time);
    this.woke.push(woke);
  }

  /** The times as they would be without what waking the device took. */
  withoutKick(kickNs: number): Durations {
    const without = new Durations();
    const { low, high } = this.times;
    for (let i = 0; i < low.length; i++) without.push(less({ low: low[i]!, high: high[i]! }, this.woke.kept[i]! ? kickNs : 0));
    return without;
  }
}

/** Submissions without register writes behind one with it: how many, and from that one until the device read of them, with nothing in between. */
export interface Unseen {
  readonly ns: number;
  readonly submissions: number;
}

export class QueueReading {
  readonly place: number;
  readonly window: Window;
  polled: boolean;
  private readonly sizes: Uint16Array;
  private readonly lastOpcodes: Int16Array;
  private seen = 0;
  /** All moves of the tail. */
  readonly jumps: Jump[] = [];
  private inBatches = 0;
  silent = false;
  commands = 0;
  startNs = NaN;
  outstanding = 0;
  /** Completed and not reaped: now, and when the vCPU acted last. */
  waiting = 0;
  waitingThen = 0;
  completedNs = NaN;
  readonly think = new ThinkTimes();
  readonly thinkAfterReap = new Durations();
  /** Times between two submissions with nothing in between, in ns, in order; and whether the first of the two woke the device. */
  readonly gaps = { ns: new Samples<number>(), woke: new Samples<boolean>() };
  /** Where threads took turns. */
  readonly unseen = new Samples<Unseen>();
  /** Times from a pass to the next submission with nothing in between. */
  readonly afterPass = new Samples<number>();
  /** The vCPU's last action: when, and how long the device that it woke had slept. NaN before the first, and when it woke none. */
  actedNs = NaN;
  asleepNs = NaN;
  /** The last submission: when, the commands outstanding after it, and whether it woke the device; and the passes since then. */
  submittedNs = NaN;
  level = 0;
  submitWoke = false;
  readonly passes: Pass[] = [];
  /** When the oldest interrupt came that it has not answered; NaN when there is none. */
  interruptedNs = NaN;

  /** @param announcements how many there will be at most */
  constructor(place: number, window: Window, { polled, announcements }: { readonly polled: boolean; readonly announcements: number }) {
    this.place = place;
    this.window = window;
    this.polled = polled;
    this.sizes = new Uint16Array(announcements);
    this.lastOpcodes = new Int16Array(announcements);
  }

  /** A submission that was seen by itself. */
  addBatch(commands: number, opcode: number): void {
    this.sizes[this.seen] = commands;
    this.lastOpcodes[this.seen] = opcode;
    this.seen += 1;
    this.inBatches += commands;
  }

  /** Sizes of the submissions that were seen by themselves, and the opcode of the last command of each where that is a special one, else -1. */
  batches(): { readonly batches: readonly number[]; readonly batchOpcodes: readonly number[] } {
    return { batches: Array.from(this.sizes.subarray(0, this.seen)), batchOpcodes: Array.from(this.lastOpcodes.subarray(0, this.seen)) };
  }

  /** How many submissions so many commands are that were read of together: as many as there are in batches of the mean size until now. */
  submissionsOf(commands: number): number {
    return this.inBatches === 0 ? 1 : Math.max(Math.round((commands * this.seen) / this.inBatches), 1);
  }

  act(timeNs: number, asleepNs: number): void {
    this.actedNs = timeNs;
    this.asleepNs = asleepNs;
    this.waitingThen = this.waiting;
  }

  /**
   * Reads the think time before a submission of `count` commands: since the last one, or since the pass that made room for it.
   * @param heldSinceNs see DeviceReader
   * @param waited whether it came when everything was done, as after a command that is waited for
   * @param submissions how many it was in fact, read of together
   */
  readThink(timeNs: number, count: number, { writeNs, heldSinceNs, waited, submissions }: { writeNs: number; heldSinceNs: number; waited: boolean; submissions: number }): void {
    if (Number.isNaN(this.submittedNs)) return;
    const room = waited ? 0 : this.window.commands - count;
    const fits = !waited && this.level <= room;
    const made = fits ? -1 : this.passes.findIndex((pass) => pass.outstanding <= room);
    if (!fits && made < 0) return;
    const later = this.passes.slice(made + 1);
    const since = fits ? this.submittedNs : this.passes[made]!.timeNs;
    const spentNs = later.reduce((sum, { handledNs }) => sum + handledNs + writeNs, since + writeNs);
    if (Number.isNaN(spentNs)) return;
    const between = bounds(timeNs - spentNs, this.earliestNs(heldSinceNs, spentNs));
    const each = { low: between.low / submissions, high: between.high / submissions };
    if (fits) for (let i = 0; i < submissions; i++) this.think.push(each, this.submitWoke);
    else if (later.length === 0 && submissions === 1) this.thinkAfterReap.push(between);
  }

  /** When at the earliest the write came that was let in now, after `spentNs`; NaN when it didn't wait. */
  private earliestNs(heldSinceNs: number, spentNs: number): number {
    return heldSinceNs <= this.actedNs ? 0 : heldSinceNs - spentNs;
  }
}

/** A duration of `ns`, or one from `low` up, when low isn't NaN. */
export function bounds(ns: number, low: number): Bounds {
  const high = Math.max(ns, 0);
  return Number.isNaN(low) ? exactly(high) : { low: Math.min(Math.max(low, 0), high), high };
}
