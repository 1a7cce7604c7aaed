// Timers of a main loop: each runs a task once, when it is due. A timer that is set again before that is put off.
// Those that are due run in the order of their times, equal ones in the order in which they were set. [QEMU-7.1 util/qemu-timer.c]

import type { Task } from './executor.js';

export class TimerList {
  /** Earliest first. */
  private readonly tasks: Task[] = [];
  private readonly dueNs: number[] = [];

  /** When the first one is due, in ns; Infinity when none is set. */
  get firstDueNs(): number {
    return this.dueNs.length === 0 ? Infinity : this.dueNs[0]!;
  }

  /** Sets a task's timer; what was set before counts no more. */
  set(task: Task, dueNs: number): void {
    const { tasks, dueNs: all } = this;
    const before = tasks.indexOf(task);
    if (before >= 0) {
      tasks.splice(before, 1);
      all.splice(before, 1);
    }
    let at = all.length;
    while (at > 0 && all[at - 1]! > dueNs) at -= 1;
    tasks.splice(at, 0, task);
    all.splice(at, 0, dueNs);
  }

  /** Takes those that are due, earliest first. */
  takeDue(nowNs: number): Task[] {
    let due = 0;
    while (due < this.dueNs.length && this.dueNs[due]! <= nowNs) due += 1;
    this.dueNs.splice(0, due);
    return this.tasks.splice(0, due);
  }
}
