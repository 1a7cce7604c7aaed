// Which QEMU process wrote a device event into the trace, where the capture tells: the column TGID of ftrace, perf's PID/TID.
// Each process is a controller. Where the capture names no process, or not yet, events belong to the first one.

import { ABSENT } from '../../trace/batch.js';
import type { DecodeTarget } from '../format.js';
import { Processes } from '../qemu/processes.js';
import type { Process } from '../qemu/processes.js';

/** Threads whose process is remembered, at most: the kernel forgets it for some records. */
const MAX_THREADS = 4096;

/** Finds the process of a record. One belongs to one decoder. */
export class MarkProcesses {
  private readonly processes: Processes;
  private readonly byThread = new Map<number, number>();
  /** The key of the first process in `processes`. */
  private firstKey = ABSENT;
  /** The process of the first one as soon as a record has named it. */
  private firstPid = ABSENT;

  constructor(target: DecodeTarget) {
    this.processes = new Processes(target);
  }

  /** The process of a device event by a thread; `pid` is ABSENT when the record names none. Undefined when there are too many. */
  of(pid: number, thread: number): Process | undefined {
    return this.processes.of(this.key(pid, thread));
  }

  /** A record that may have been of any of them went by, or the last one has. */
  passAll(): void {
    this.processes.passAll();
  }

  /** The thread enters or leaves the guest: QEMU is through with the access that it reported last. */
  leave(thread: number): void {
    this.processes.passThread(thread);
  }

  private key(named: number, thread: number): number {
    const pid = named === ABSENT ? (this.byThread.get(thread) ?? ABSENT) : named;
    if (named !== ABSENT && this.byThread.size < MAX_THREADS) this.byThread.set(thread, named);
    if (this.processes.count === 0) this.firstKey = pid;
    if (this.firstPid === ABSENT) this.firstPid = pid;
    return pid === ABSENT || pid === this.firstPid ? this.firstKey : pid;
  }
}
