// The device's lock: in QEMU the big lock, which the main loop holds while it works and which a vCPU needs for
// every register write that exits to userspace. A vCPU that finds it taken waits, off its core.

/** Called when the lock is free. */
export type LockWaiter = (nowNs: number) => void;

export class DeviceLock {
  private held = false;
  private waiters: LockWaiter[] = [];

  /** The device begins to work. */
  take(): void {
    this.held = true;
  }

  /** The device pauses or ends its work: everybody who waits gets a turn, in the order of arrival. */
  release(nowNs: number): void {
    this.held = false;
    if (this.waiters.length === 0) return;
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter(nowNs);
  }

  /** Calls `waiter` now, if the lock is free, or when it will be. */
  whenFree(waiter: LockWaiter, nowNs: number): void {
    if (this.held) this.waiters.push(waiter);
    else waiter(nowNs);
  }
}
