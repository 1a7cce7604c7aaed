// A thread of the virtual machine, and how the host's cores are shared among them; host.ts runs them.

import type { SpareCore } from './spare-core.js';

/** Called when a thread's burst has had its CPU time; `code` is the caller's. */
export type BurstHandler = (code: number, nowNs: number) => void;

export type ThreadRole = 'vcpu' | 'loop';

/** How cores are shared. */
export interface HostOptions {
  readonly cores: number;
  /** One more core for a part of the time. */
  readonly spareCore?: SpareCore | undefined;
  /** How much more a nanosecond of the main loop weighs than one of a vCPU: its work that traces don't show. */
  readonly loopWeight: number;
  /** Scale of the balance at which preemption becomes likely, and the balance's bounds, in ns. */
  readonly balanceScaleNs: number;
  readonly balanceLimitNs: number;
  /** How long a vCPU runs at most while another thread is ready, in ns. */
  readonly quantumNs: number;
  /**
   * Whether the backend works on the main loop's core (worker threads of the same process, where there is one core for
   * all): a vCPU then doesn't run while the device waits for it. By default the wait is free.
   */
  readonly backendOnLoopCore?: boolean;
  /** A number in [0, 1), drawn for each decision. */
  readonly draw: () => number;
}

export interface Thread {
  readonly role: ThreadRole;
  readonly handler: BurstHandler;
  readonly actor: number;
  /** Bursts of CPU time, what is left of each in ns and what it is; the last one is the one to run. */
  readonly leftNs: number[];
  readonly codes: number[];
  state: 'idle' | 'ready' | 'running' | 'parked';
  /** Whether it waits for something other than a core, whatever bursts it has. */
  parked: boolean;
  /** When the burst on top was started last, and when the thread got its core. */
  startedNs: number;
  dispatchedNs: number;
  /** Distinguishes the current start from stale events of earlier ones. */
  start: number;
  /** Whether a burst's handler is at work: bursts that begin meanwhile start when it has returned, with the turn of the last one. */
  isHandling: boolean;
  turn: number;
  /** CPU time so far, in ns. */
  cpuNs: number;
}
