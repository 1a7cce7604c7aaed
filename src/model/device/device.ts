// What a device model is: which threads it has, how they find work, what they do per command and per completion, and the
// event-index policies that it ships with. A model is data; lane.ts and its parts run it.

import type { CqPolicy, SqPolicy } from '../policy/policy.js';

/** The admin command by which a driver hands over the doorbell buffers. */
export type ConfigCommand = '7Ch' | 'C0h';

export interface DeviceModel {
  readonly name: string;
  /** Versions and functions that it follows. */
  readonly source: string;
  /** The policies that it ships with. */
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  /** The command by which it takes doorbell buffers; undefined: it has no shadow doorbells. */
  readonly accepts?: ConfigCommand;
  /**
   * Who serves the queues: QEMU's main loop under the big lock, which a register write that exits to userspace needs too; one
   * thread for all queues; or one for each.
   */
  readonly threads: 'main loop' | 'one for all queues' | 'one per queue';
  /** A thread that never sleeps looks again after this time, in ns. Without it, it sleeps until it is rung. */
  readonly pollNs?: number;
  /** How register writes reach it, by the transport's name; by default they exit to the VMM's userspace. */
  readonly transport?: string;
  /** Commands that a pass fetches before another queue has its turn; by default a pass drains its queue. */
  readonly burst?: number;
  /** Commands of one queue that it has at hand at most, given the SQ's entries; by default there is no such limit. */
  readonly requests?: (sqDepth: number) => number;
  /** Where a command's request becomes free, and what makes a queue that ran out of them go on. */
  readonly freesRequests?: 'completed' | 'posted' | 'posted, noticed by a CQ doorbell';
  /** Whether it fetches no command without a free CQ entry for its completion. */
  readonly reservesCqEntries?: boolean;
  /** Whether a thread that found a CQ full looks again by itself, as a poller does. */
  readonly kicksItself?: boolean;
  /** Adaptive: when a look finds the CQ head where the last look found it, and completions behind it. */
  readonly interrupts: 'per pass' | 'per completion' | 'adaptive';
  /**
   * What has work for a queue side, a doorbell or a completion, sets that side's timer to so many ns later, and each sets it anew;
   * without it the work is scheduled as it comes. Timers are the main loop's.
   */
  readonly sideTimerNs?: number;
  /** What it does when it takes the buffers of queues that are in use. */
  readonly atConfig?: readonly ('writes its indexes' | 'publishes them' | 'looks at its queues')[];
}
