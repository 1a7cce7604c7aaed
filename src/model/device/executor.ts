// A thread of the device: what runs its tasks one after the other, and how it sleeps and wakes.
// main-loop.ts is QEMU's, under the big lock; worker.ts is everybody else's.

/** Begins a piece of work; it calls `spend` and, when it is done, `end`. */
export type Task = (nowNs: number) => void;

/** How somebody who has work for a queue side brings it to its turn. */
export interface Turns {
  /** From outside of the thread, which that wakes. What waits for its turn isn't scheduled a second time. */
  schedule(task: Task, nowNs: number): void;
  /** From within one of its tasks, or from an event that `begin` follows. */
  enqueue(task: Task, nowNs: number): void;
}

export interface Executor extends Turns {
  /** CPU time so far, in ns; on a core of its own without waking up. */
  readonly busyNs: number;
  /** Whether it never sleeps, but looks for work all the time. */
  readonly polls: boolean;
  /** What waking it costs a vCPU now, in ns. */
  kickNs(nowNs: number): number;
  enqueue(task: Task): void;
  /** Keeps a place for the task at hand, before whatever it schedules from now on; without anything to do it costs nothing there. */
  keepPlace(task: Task): void;
  /** Runs a task of a thread that stayed awake for it: it needs no waking, and is on its way. */
  goOn(task: Task, nowNs: number): void;
  /** An event that it was waiting for is there: it is awake. */
  begin(nowNs: number): void;
  /** Spends CPU time, then goes on with `then`. */
  spend(spentNs: number, nowNs: number, then?: Task): void;
  /** The task at hand is done; the next one comes `spentNs` later. */
  end(spentNs: number, nowNs: number): void;
  /** The task at hand raises an interrupt. */
  signal(): void;
}
