// QEMU's main loop as the device's thread: it sleeps, wakes up, and runs bottom halves in iterations. [QEMU-10.0 util/async.c, main-loop.c]
//
// An iteration runs the bottom halves that it found scheduled, last scheduled first, under the lock; those that are
// scheduled meanwhile belong to the next one. Behind them come the timers that are due by then, earliest first. Between two
// iterations it lets go of the lock. A bottom half that waits to be run isn't scheduled a second time. The loop never sleeps beyond
// a timer: for the next one that is due it needs nobody to wake it.

import type { Clock } from '../clock.js';
import type { Costs } from '../costs.js';
import type { Host } from '../host.js';
import type { DeviceLock } from '../lock.js';
import type { ServiceTimes } from '../service.js';
import type { Thread } from '../thread.js';
import type { Executor, Task, Turns } from './executor.js';
import { TimerList } from './timer-list.js';

export interface MainLoopOptions {
  readonly clock: Clock;
  readonly host: Host;
  readonly lock: DeviceLock;
  readonly service: ServiceTimes;
  readonly costs: Costs;
  /** What a wake-up takes on top of the recorded ones, in ns: the transport's part. */
  readonly extraWakeNs: number;
  /** Called when it has nothing left to do. */
  readonly idle: (nowNs: number) => void;
}

export class MainLoop implements Executor {
  readonly polls = false;
  private readonly options: MainLoopOptions;
  private readonly thread: Thread;
  private readonly actor: number;
  /** Scheduled bottom halves, last scheduled last; and those left of the iteration at hand, which holds the lock. */
  private scheduled: Task[] = [];
  private slice: Task[] = [];
  private readonly timers = new TimerList();
  private hasTimers = false;
  /** The next thing to do; undefined between two bottom halves. */
  private step: Task | undefined;
  private readonly runTimers: Task = (nowNs) => this.takeTimers(nowNs);
  private readonly letGo: Task = (nowNs) => this.endIteration(nowNs);
  /** What comes behind the last piece of work at hand: the timers, or the end of the iteration. */
  private last: Task = this.letGo;
  /** Whether the iteration at hand has signalled. */
  private signalled = false;
  /** Since when it sleeps, in ns, and when it will have woken; meaningless while it is at work. */
  private asleepSinceNs = 0;
  private wakesAtNs = Infinity;
  /** Whether it has slept since its last work: it then needs a moment, under the lock, until it gets to it. */
  private slept = true;

  constructor(options: MainLoopOptions) {
    this.options = options;
    this.thread = options.host.addThread('loop', (_, nowNs) => this.run(nowNs));
    this.actor = options.clock.addActor((_, nowNs) => {
      if (this.wakesAtNs === nowNs) this.begin(nowNs);
    });
  }

  get busyNs(): number {
    return this.thread.cpuNs;
  }

  kickNs(nowNs: number): number {
    const asleep = this.thread.state === 'idle' && this.wakesAtNs === Infinity;
    return asleep ? this.options.service.kickNs(nowNs - this.asleepSinceNs) : 0;
  }

  schedule(half: Task, nowNs: number): void {
    this.enqueue(half);
    this.wake(nowNs);
  }

  /** Turns behind a timer that each cause sets anew, to `afterNs` later. */
  timed(afterNs: number): Turns {
    this.hasTimers = true;
    const set = (task: Task, nowNs: number): void => {
      this.timers.set(task, nowNs + afterNs);
      this.wake(nowNs);
    };
    return { schedule: set, enqueue: set };
  }

  private wake(nowNs: number): void {
    const { clock, extraWakeNs, host, service } = this.options;
    if (this.thread.state !== 'idle' || this.wakesAtNs < Infinity) return;
    const wakeNs = service.wakeNs(nowNs - this.asleepSinceNs) + extraWakeNs;
    if (host.backendOnLoopCore) {
      host.begin(this.thread, wakeNs, 0, nowNs);
      return;
    }
    this.wakesAtNs = nowNs + wakeNs;
    clock.at(this.wakesAtNs, this.actor, 0);
  }

  enqueue(half: Task): void {
    if (!this.scheduled.includes(half) && !this.slice.includes(half)) this.scheduled.push(half);
  }

  /** What is scheduled last runs first: behind whatever the bottom half at hand schedules. */
  keepPlace(half: Task): void {
    this.enqueue(half);
  }

  goOn(half: Task, nowNs: number): void {
    this.enqueue(half);
    this.slept = false;
    this.begin(nowNs);
  }

  begin(nowNs: number): void {
    this.wakesAtNs = Infinity;
    if (this.thread.state === 'idle') this.options.host.begin(this.thread, 0, 0, nowNs);
  }

  spend(spentNs: number, nowNs: number, then?: Task): void {
    this.step = then;
    this.options.host.begin(this.thread, spentNs, 0, nowNs);
  }

  /** The piece of work at hand is done; `spentNs` later comes the next one, or what is behind the last. */
  end(spentNs: number, nowNs: number): void {
    this.spend(spentNs, nowNs, this.slice.length > 0 ? undefined : this.last);
  }

  signal(): void {
    this.signalled = true;
  }

  private run(nowNs: number): void {
    const { step } = this;
    if (step !== undefined) {
      this.step = undefined;
      step(nowNs);
      return;
    }
    if (this.slice.length === 0 && !this.beginIteration(nowNs)) return;
    this.slice.pop()!(nowNs);
  }

  /** Takes the lock and what is scheduled; false when it has to wait for either, or to find its way after sleep. */
  private beginIteration(nowNs: number): boolean {
    const { costs, idle, lock } = this.options;
    const dueNs = this.timers.firstDueNs;
    if (this.scheduled.length === 0 && dueNs > nowNs) {
      this.asleepSinceNs = nowNs;
      if (dueNs < Infinity) {
        this.wakesAtNs = dueNs;
        this.options.clock.at(dueNs, this.actor, 0);
        return false;
      }
      this.slept = true;
      idle(nowNs);
      return false;
    }
    const freeNs = lock.freeForDeviceNs(nowNs);
    if (freeNs > nowNs) {
      this.spend(freeNs - nowNs, nowNs);
      return false;
    }
    lock.take();
    this.slice = this.scheduled;
    this.scheduled = [];
    this.last = this.hasTimers ? this.runTimers : this.letGo;
    const { slept } = this;
    this.slept = false;
    if (slept || costs.iterationNs > 0) this.end(slept ? costs.dispatchNs : costs.iterationNs, nowNs);
    else if (this.slice.length > 0) return true;
    else this.takeTimers(nowNs);
    return false;
  }

  /** The timers that are due are the iteration's last work; those that they set belong to a later one. */
  private takeTimers(nowNs: number): void {
    this.last = this.letGo;
    this.slice = this.timers.takeDue(nowNs).toReversed();
    if (this.slice.length > 0) this.run(nowNs);
    else this.endIteration(nowNs);
  }

  private endIteration(nowNs: number): void {
    const { lock, service } = this.options;
    const asleepNs = lock.release(nowNs, this.signalled);
    this.signalled = false;
    const kickNs = asleepNs > 0 ? service.kickNs(asleepNs) : 0;
    if (kickNs > 0) this.spend(kickNs, nowNs);
    else this.run(nowNs);
  }
}
