// A thread of a device that never sleeps: it has a core of its own, and runs its tasks in the order in which they came.
//
// It looks at its queues every `pollNs`. Only the look that finds something is simulated: the time until it is the rest of the
// period. What it burns in between is counted by the device.

import type { Clock } from '../clock.js';
import type { Executor, Task } from './executor.js';

// Messages to its actor: it looks at its queues; what it is at is done.
const LOOK = 0;
const WORK = 1;

export class Poller implements Executor {
  readonly polls = true;
  /** Time spent at work so far, in ns. */
  busyNs = 0;
  private readonly clock: Clock;
  private readonly pollNs: number;
  private readonly actor: number;
  private readonly tasks: Task[] = [];
  /** Whether it is at work; when what it is at began and ends, in ns, the turn of that end, and what comes then. */
  private isBusy = false;
  private startedNs = 0;
  private endNs = 0;
  private turn = 0;
  private step: Task | undefined;
  /** Since when it has had nothing to do, and when its look finds something; in ns. */
  private idleSinceNs = 0;
  private findsAtNs = Infinity;

  /** @param pollNs time from one look to the next, in ns */
  constructor(clock: Clock, pollNs: number) {
    this.clock = clock;
    this.pollNs = pollNs;
    this.actor = clock.addActor((message, nowNs) => {
      if (message === WORK) this.work(nowNs);
      else if (this.findsAtNs === nowNs) this.find(nowNs);
    });
  }

  /** Nobody needs to wake it. */
  kickNs(): number {
    return 0;
  }

  schedule(task: Task, nowNs: number): void {
    this.enqueue(task);
    if (this.isBusy || this.findsAtNs < Infinity) return;
    const idleNs = nowNs - this.idleSinceNs;
    this.findsAtNs = nowNs + (Math.ceil(idleNs / this.pollNs) * this.pollNs - idleNs);
    this.clock.at(this.findsAtNs, this.actor, LOOK);
  }

  enqueue(task: Task): void {
    if (!this.tasks.includes(task)) this.tasks.push(task);
  }

  /** Tasks run in the order in which they came: one that comes later needs no place before others. */
  keepPlace(): void {}

  goOn(task: Task, nowNs: number): void {
    this.enqueue(task);
    this.begin(nowNs);
  }

  /** What comes at the same time comes before its work. */
  begin(nowNs: number): void {
    if (this.isBusy) return;
    this.start(nowNs);
    const turn = this.clock.takeTurn();
    if (this.clock.goOn(nowNs, turn)) this.work(nowNs);
    else this.clock.at(nowNs, this.actor, WORK, turn);
  }

  spend(spentNs: number, nowNs: number, then?: Task): void {
    this.step = then;
    this.endNs = nowNs + spentNs;
    this.turn = this.clock.takeTurn();
  }

  end(spentNs: number, nowNs: number): void {
    this.spend(spentNs, nowNs);
  }

  /** Interrupts need nothing from it: nobody waits for a lock of its. */
  signal(): void {}

  /** A look finds something, if it isn't at work by now. */
  private find(nowNs: number): void {
    this.start(nowNs);
    this.work(nowNs);
  }

  private start(nowNs: number): void {
    this.findsAtNs = Infinity;
    this.isBusy = true;
    this.startedNs = nowNs;
  }

  /** Goes on with its work for as long as nothing else happens in between; what takes no time is done at once. */
  private work(fromNs: number): void {
    let nowNs = fromNs;
    do {
      this.busyNs += nowNs - this.startedNs;
      this.startedNs = nowNs;
      const then = this.step ?? this.tasks.shift();
      if (then === undefined) {
        this.isBusy = false;
        this.idleSinceNs = nowNs;
        return;
      }
      this.step = undefined;
      then(nowNs);
      nowNs = this.endNs;
    } while (nowNs === this.startedNs ? this.clock.stays() : this.clock.goOn(nowNs, this.turn));
    this.clock.at(nowNs, this.actor, WORK, this.turn);
  }
}
