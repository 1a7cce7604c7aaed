// The QEMU processes whose events are mixed in one capture. Each has a controller of its own, and its own order of records.

import type { DecodeTarget } from '../format.js';
import { QemuNormalizer } from './normalize.js';

/** The controller column of a batch has 8 bits. */
const MAX_PROCESSES = 256;
export const TOO_MANY_PROCESSES = `events of more than ${MAX_PROCESSES} processes`;

export interface Process {
  /** In the order of their first device events, from 0. */
  readonly controller: number;
  readonly normalizer: QemuNormalizer;
}

/** Finds processes by their identifier. One belongs to one decoder. */
export class Processes {
  private readonly target: DecodeTarget;
  private readonly byPid = new Map<number, Process>();

  constructor(target: DecodeTarget) {
    this.target = target;
  }

  get count(): number {
    return this.byPid.size;
  }

  /** A process that has shown device events, or undefined. */
  seen(pid: number): Process | undefined {
    return this.byPid.get(pid);
  }

  /** The process of a device event; undefined when there are too many. */
  of(pid: number): Process | undefined {
    const known = this.byPid.get(pid);
    if (known !== undefined || this.byPid.size === MAX_PROCESSES) return known;
    const process = { controller: this.byPid.size, normalizer: new QemuNormalizer(this.target, this.byPid.size) };
    this.byPid.set(pid, process);
    return process;
  }

  /** Nothing more will come of the access that this thread reported last. */
  passThread(thread: number): void {
    for (const { normalizer } of this.byPid.values()) {
      if (normalizer.waitingThread === thread) normalizer.pass();
    }
  }

  /** A record that may have been of any of them went by, or the last one has. */
  passAll(): void {
    for (const { normalizer } of this.byPid.values()) normalizer.pass();
  }
}
