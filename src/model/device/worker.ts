// A thread of a device without a big lock: it runs its tasks in the order in which they came, and then sleeps.

import type { Clock } from '../clock.js';
import type { Costs } from '../costs.js';
import type { Host } from '../host.js';
import type { ServiceTimes } from '../service.js';
import type { Thread } from '../thread.js';
import type { Executor, Task } from './executor.js';

export interface WorkerOptions {
  readonly clock: Clock;
  readonly host: Host;
  readonly service: ServiceTimes;
  readonly costs: Costs;
  /** See MainLoopOptions. */
  readonly extraWakeNs: number;
  /** Called when it has nothing left to do. */
  readonly idle: (nowNs: number) => void;
}

export class Worker implements Executor {
  readonly polls = false;
  private readonly options: WorkerOptions;
  private readonly thread: Thread;
  private readonly actor: number;
  private readonly tasks: Task[] = [];
  /** The next thing to do of the task at hand; undefined between two tasks. */
  private step: Task | undefined;
  /** Since when it has had nothing to do, in ns, and when it will be at work again; meaningless while it is. */
  private idleSinceNs = 0;
  private wakesAtNs = Infinity;
  private slept = true;

  constructor(options: WorkerOptions) {
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
    return asleep ? this.options.service.kickNs(nowNs - this.idleSinceNs) : 0;
  }

  schedule(task: Task, nowNs: number): void {
    this.enqueue(task);
    if (this.thread.state !== 'idle' || this.wakesAtNs < Infinity) return;
    const { clock, extraWakeNs, host, service } = this.options;
    const wakeNs = service.wakeNs(nowNs - this.idleSinceNs) + extraWakeNs;
    if (host.backendOnLoopCore) {
      host.begin(this.thread, wakeNs, 0, nowNs);
      return;
    }
    this.wakesAtNs = nowNs + wakeNs;
    clock.at(this.wakesAtNs, this.actor, 0);
  }

  enqueue(task: Task): void {
    if (!this.tasks.includes(task)) this.tasks.push(task);
  }

  /** Tasks run in the order in which they came: one that comes later needs no place before others. */
  keepPlace(): void {}

  goOn(task: Task, nowNs: number): void {
    this.enqueue(task);
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

  end(spentNs: number, nowNs: number): void {
    this.spend(spentNs, nowNs);
  }

  /** Interrupts need nothing from it: nobody waits for a lock of its. */
  signal(): void {}

  private run(nowNs: number): void {
    const { step } = this;
    if (step !== undefined) {
      this.step = undefined;
      step(nowNs);
      return;
    }
    if (this.tasks.length === 0) {
      this.idleSinceNs = nowNs;
      this.slept = true;
      this.options.idle(nowNs);
      return;
    }
    if (this.slept) {
      this.slept = false;
      this.spend(this.options.costs.dispatchNs, nowNs);
      return;
    }
    this.tasks.shift()!(nowNs);
  }
}
