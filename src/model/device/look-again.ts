// When a device looks again without being rung: it polls for a while, or has set a timer.
//
// Looks that would find nothing are left out: the device is told when the driver stores a new value, and the next look
// on the poll's beat finds it. So a poll costs the model one event, however long it takes, and the time it would have
// burned on a core is added up beside the device's own work.

import type { Clock } from '../clock.js';
import { type QueuePair, byPlace } from '../queue-pair.js';
import type { StepOutcome } from './queue-side.js';

interface Waiting {
  /** The beat of a poll begins here; Infinity between looks without one. */
  readonly sinceNs: number;
  readonly everyNs: number;
  /** When the next pass begins; an earlier plan is stale. */
  atNs: number;
}

export interface LookAgainOptions {
  readonly clock: Clock;
  readonly pairs: readonly QueuePair[];
  /** Begins a pass: of a device that was awake, or of one that its timer wakes. */
  readonly look: (pair: QueuePair, nowNs: number, awake: boolean) => void;
  /** Whether the shadow doorbell holds what the device hasn't read. */
  readonly isNews: (pair: QueuePair) => boolean;
  /** Whether anybody has work left: a device that waits for nothing is let rest, so that the run ends. */
  readonly isWorkLeft: () => boolean;
  /** Time that the device has been at work so far, in ns. */
  readonly busyNs: () => number;
}

export class LookAgain {
  private readonly options: LookAgainOptions;
  private readonly actor: number;
  private readonly waiting = new Map<QueuePair, Waiting>();
  private polling = 0;
  /** Since when something is polled, and how long the device had been at work by then. */
  private since = { nowNs: 0, busyNs: 0 };
  private polledNs = 0;

  constructor(options: LookAgainOptions) {
    this.options = options;
    const { clock, pairs, look, isWorkLeft } = options;
    const pairAt = byPlace(pairs, (pair) => pair);
    this.actor = clock.addActor((place, nowNs) => {
      const pair = pairAt[place]!;
      const plan = this.waiting.get(pair);
      if (plan?.atNs !== nowNs) return;
      this.begun(pair, nowNs);
      if (isWorkLeft()) look(pair, nowNs, plan.everyNs < Infinity);
    });
  }

  /** Whether the device stays awake for a queue. */
  get isPolling(): boolean {
    return this.polling > 0;
  }

  /** A pass over the queue has ended with these wishes. */
  wait(pair: QueuePair, { pollNs, pollForNs, timerNs }: Readonly<StepOutcome>, nowNs: number): void {
    this.begun(pair, nowNs);
    const polls = pollNs < Infinity;
    if (!polls && timerNs === Infinity) return;
    const plan: Waiting = { sinceNs: nowNs, everyNs: pollNs, atNs: Infinity };
    this.waiting.set(pair, plan);
    if (polls) {
      if (this.polling === 0) this.since = { nowNs, busyNs: this.options.busyNs() };
      this.polling += 1;
    }
    this.planFor(pair, plan, nowNs + Math.min(timerNs, polls ? pollForNs : Infinity));
    if (polls && this.options.isNews(pair)) this.planFor(pair, plan, nowNs + pollNs);
  }

  /** The driver stored a new value. */
  stored(pair: QueuePair, nowNs: number): void {
    if (this.waiting.size === 0) return;
    const plan = this.waiting.get(pair);
    if (plan === undefined || plan.everyNs === Infinity) return;
    const { sinceNs, everyNs } = plan;
    this.planFor(pair, plan, sinceNs + Math.max(Math.ceil((nowNs - sinceNs) / everyNs), 1) * everyNs);
  }

  /** A pass over the queue begins: it waits no more. */
  begun(pair: QueuePair, nowNs: number): void {
    if (this.waiting.size === 0) return;
    const plan = this.waiting.get(pair);
    if (plan === undefined) return;
    this.waiting.delete(pair);
    if (plan.everyNs === Infinity) return;
    this.polling -= 1;
    if (this.polling === 0) this.polledNs += this.sinceThen(nowNs);
  }

  /** The controller was reset: what was asked for before counts no more. */
  reset(nowNs: number): void {
    for (const pair of this.waiting.keys()) this.begun(pair, nowNs);
  }

  /** Time that the device spent looking for nothing until now, in ns. */
  pollingNs(nowNs: number): number {
    return this.polledNs + (this.polling > 0 ? this.sinceThen(nowNs) : 0);
  }

  private sinceThen(nowNs: number): number {
    return Math.max(nowNs - this.since.nowNs - (this.options.busyNs() - this.since.busyNs), 0);
  }

  private planFor(pair: QueuePair, plan: Waiting, atNs: number): void {
    const { clock } = this.options;
    if (atNs >= plan.atNs) return;
    plan.atNs = Math.max(atNs, clock.nowNs);
    clock.at(plan.atNs, this.actor, pair.place);
  }
}
