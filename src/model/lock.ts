// The device's lock: in QEMU the big lock, which the main loop holds while it works and which a vCPU needs for
// every register write that exits to userspace. It is a plain mutex: a vCPU that finds it taken sleeps, off its core; a
// release wakes the first that sleeps, which takes time; and if the main loop has it again by then, the vCPU
// sleeps on. The main loop lets go of it at the end of each piece of work, when it polls.

import type { Clock } from './clock.js';

/** Called when the lock is the caller's; returns for how long it holds it, in ns. */
export type LockWaiter = (nowNs: number) => number;

/** How long a sleeper takes to wake, in ns, after it slept for `asleepNs`; `signalled`: the device raised an interrupt last. */
export type LockWakeTime = (asleepNs: number, signalled: boolean) => number;

interface Sleeper {
  readonly waiter: LockWaiter;
  sinceNs: number;
  waking: boolean;
}

export class DeviceLock {
  private readonly clock: Clock;
  private readonly wakeNs: LockWakeTime;
  private readonly actor: number;
  private heldByDevice = false;
  /** Until when a vCPU holds it. */
  private untilNs = 0;
  private readonly sleepers: Sleeper[] = [];

  constructor(clock: Clock, wakeNs: LockWakeTime) {
    this.clock = clock;
    this.wakeNs = wakeNs;
    this.actor = clock.addActor((message, nowNs) => {
      if (message === WOKEN) this.woken(nowNs);
      else this.wakeNext(nowNs, false);
    });
  }

  /** When the device could take it, in ns: `nowNs` unless a vCPU holds it. */
  freeForDeviceNs(nowNs: number): number {
    return this.heldByDevice ? nowNs : Math.max(this.untilNs, nowNs);
  }

  /** The device begins to work; it must be free for it. */
  take(): void {
    this.heldByDevice = true;
  }

  /** The device pauses or ends its work. Returns for how long the one that it woke had slept, in ns; NaN when it woke nobody. */
  release(nowNs: number, signalled = false): number {
    this.heldByDevice = false;
    return this.wakeNext(nowNs, signalled);
  }

  /** Calls `waiter` now, if the lock is free, or once it got it. */
  acquire(waiter: LockWaiter, nowNs: number): void {
    if (this.isFree(nowNs)) {
      this.hold(waiter, nowNs);
      return;
    }
    this.sleepers.push({ waiter, sinceNs: nowNs, waking: false });
  }

  private isFree(nowNs: number): boolean {
    return !this.heldByDevice && this.untilNs <= nowNs;
  }

  private hold(waiter: LockWaiter, nowNs: number): void {
    this.untilNs = nowNs + waiter(nowNs);
    this.clock.at(this.untilNs, this.actor, RELEASED);
  }

  private wakeNext(nowNs: number, signalled: boolean): number {
    const sleeper = this.sleepers[0];
    if (sleeper === undefined || sleeper.waking) return NaN;
    sleeper.waking = true;
    const asleepNs = nowNs - sleeper.sinceNs;
    this.clock.at(nowNs + this.wakeNs(asleepNs, signalled), this.actor, WOKEN);
    return asleepNs;
  }

  private woken(nowNs: number): void {
    const sleeper = this.sleepers[0]!;
    sleeper.waking = false;
    sleeper.sinceNs = nowNs;
    if (!this.isFree(nowNs)) return;
    this.sleepers.shift();
    this.hold(sleeper.waiter, nowNs);
  }
}

const WOKEN = 0;
const RELEASED = 1;
