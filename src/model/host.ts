// The host's cores, and the threads of the virtual machine that share them: vCPU threads and the device's main loop.
// Where threads take turns on a core, who runs next decides how many commands one doorbell covers, so the
// replay needs a scheduler. This one is a fair-share scheduler reduced to what captures show:
//
//   - a thread that becomes ready takes a free core, if there is one;
//   - the main loop, when it wakes and finds none, preempts a vCPU with a chance that grows with the CPU time
//     that vCPUs have had more than it (the balance); else it waits for a vCPU to block or for its quantum to end;
//   - a vCPU never preempts.
//
// A thread's work comes in bursts of CPU time; a burst that is preempted is continued later. An interrupt puts a
// burst on top of the one that a vCPU is at.

import type { Clock } from './clock.js';

/** Called when a thread's burst has had its CPU time; `code` is the caller's. */
export type BurstHandler = (code: number, nowNs: number) => void;

export type ThreadRole = 'vcpu' | 'loop';

/** How cores are shared. */
export interface HostOptions {
  readonly cores: number;
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

interface Burst {
  leftNs: number;
  readonly code: number;
}

export interface Thread {
  readonly role: ThreadRole;
  readonly handler: BurstHandler;
  readonly actor: number;
  /** The burst on top is the one to run. */
  readonly bursts: Burst[];
  state: 'idle' | 'ready' | 'running' | 'parked';
  /** Whether it waits for something other than a core, whatever bursts it has. */
  parked: boolean;
  /** When the burst on top was started last, and when the thread got its core. */
  startedNs: number;
  dispatchedNs: number;
  /** Distinguishes the current start from stale events of earlier ones. */
  start: number;
  /** CPU time so far, in ns. */
  cpuNs: number;
}

// Messages to a thread's actor: the number of the start that ends, or this for the end of its quantum.
const QUANTUM = -1;

export class Host {
  private readonly clock: Clock;
  private readonly options: HostOptions;
  private readonly running: Thread[] = [];
  private readonly ready: Thread[] = [];
  /** CPU time that vCPUs had more than the main loop, weighted and bounded, in ns. */
  private balanceNs = 0;

  constructor(clock: Clock, options: HostOptions) {
    this.clock = clock;
    this.options = options;
  }

  /** See HostOptions.backendOnLoopCore. */
  get backendOnLoopCore(): boolean {
    return this.options.backendOnLoopCore ?? false;
  }

  addThread(role: ThreadRole, handler: BurstHandler): Thread {
    const thread: Thread = {
      role,
      handler,
      actor: this.clock.addActor((message, nowNs) => {
        if (message === QUANTUM) this.endQuantum(thread, nowNs);
        else if (message === thread.start && thread.state === 'running') this.endBurst(thread, nowNs);
      }),
      bursts: [],
      state: 'idle',
      parked: false,
      startedNs: 0,
      dispatchedNs: 0,
      start: 0,
      cpuNs: 0,
    };
    return thread;
  }

  /**
   * Gives a thread a burst of CPU time. On a thread that has bursts already, the new one goes first (an interrupt).
   */
  begin(thread: Thread, cpuNs: number, code: number, nowNs: number): void {
    // The text is made only when it is needed: this line is hot.
    if (!(cpuNs >= 0)) throw new Error(`internal error: a burst of ${cpuNs} ns`);
    const runs = thread.state === 'running' && !thread.parked;
    if (runs && thread.bursts.length > 0) this.pause(thread, nowNs);
    thread.bursts.push({ leftNs: cpuNs, code });
    if (runs) this.startBurst(thread, nowNs);
    else if (thread.state === 'idle') this.makeReady(thread, nowNs);
  }

  /** Called from a burst's handler: the thread leaves its core until it is unparked, whatever bursts it has. */
  park(thread: Thread): void {
    thread.parked = true;
  }

  /** Ends what `park` began; within the same handler it has no effect at all. */
  unpark(thread: Thread, nowNs: number): void {
    thread.parked = false;
    if (thread.state !== 'parked') return;
    if (thread.bursts.length > 0) this.makeReady(thread, nowNs);
    else thread.state = 'idle';
  }

  private makeReady(thread: Thread, nowNs: number): void {
    thread.state = 'ready';
    if (this.running.length < this.options.cores) {
      this.dispatch(thread, nowNs);
      return;
    }
    const victim = this.running.find((other) => other.role === 'vcpu');
    if (thread.role === 'loop' && victim !== undefined && this.preempts()) {
      this.preempt(victim, nowNs);
      this.dispatch(thread, nowNs);
      return;
    }
    this.ready.push(thread);
    if (victim !== undefined) this.limit(victim, nowNs);
  }

  /** Another thread is ready: a vCPU that has a core keeps it for its quantum at most. */
  private limit(vcpu: Thread, nowNs: number): void {
    this.clock.at(Math.max(nowNs, vcpu.dispatchedNs + this.options.quantumNs), vcpu.actor, QUANTUM);
  }

  private preempts(): boolean {
    const { balanceScaleNs, draw } = this.options;
    return draw() < 1 / (1 + Math.exp(-this.balanceNs / balanceScaleNs));
  }

  private dispatch(thread: Thread, nowNs: number): void {
    thread.state = 'running';
    thread.dispatchedNs = nowNs;
    this.running.push(thread);
    this.startBurst(thread, nowNs);
  }

  private startBurst(thread: Thread, nowNs: number): void {
    thread.startedNs = nowNs;
    thread.start = (thread.start + 1) & 0x3fff_ffff;
    this.clock.at(nowNs + thread.bursts.at(-1)!.leftNs, thread.actor, thread.start);
  }

  /** Takes the CPU time since the burst's start into account. */
  private pause(thread: Thread, nowNs: number): void {
    const ranNs = nowNs - thread.startedNs;
    const burst = thread.bursts.at(-1)!;
    burst.leftNs = Math.max(burst.leftNs - ranNs, 0);
    thread.cpuNs += ranNs;
    thread.startedNs = nowNs;
    const { loopWeight, balanceLimitNs } = this.options;
    const gained = thread.role === 'vcpu' ? ranNs : -loopWeight * ranNs;
    this.balanceNs = Math.min(Math.max(this.balanceNs + gained, -balanceLimitNs), balanceLimitNs);
  }

  private endBurst(thread: Thread, nowNs: number): void {
    this.pause(thread, nowNs);
    const { code } = thread.bursts.pop()!;
    const { start } = thread;
    thread.handler(code, nowNs);
    if (thread.parked) this.leave(thread, nowNs, 'parked');
    else if (thread.bursts.length === 0) this.leave(thread, nowNs, 'idle');
    // The handler may have given it a new burst, which then runs already.
    else if (thread.start === start) this.startBurst(thread, nowNs);
  }

  private preempt(thread: Thread, nowNs: number): void {
    this.pause(thread, nowNs);
    this.running.splice(this.running.indexOf(thread), 1);
    thread.state = 'ready';
    this.ready.push(thread);
  }

  private endQuantum(thread: Thread, nowNs: number): void {
    if (thread.state !== 'running' || this.ready.length === 0) return;
    if (nowNs < thread.dispatchedNs + this.options.quantumNs) return;
    this.preempt(thread, nowNs);
    this.dispatchNext(nowNs);
  }

  private leave(thread: Thread, nowNs: number, state: 'idle' | 'parked'): void {
    thread.state = state;
    this.running.splice(this.running.indexOf(thread), 1);
    this.dispatchNext(nowNs);
  }

  /** The main loop goes before vCPUs; these go in the order in which they became ready. */
  private dispatchNext(nowNs: number): void {
    if (this.ready.length === 0) return;
    const loop = this.ready.findIndex((thread) => thread.role === 'loop');
    const next = this.ready.splice(Math.max(loop, 0), 1)[0]!;
    this.dispatch(next, nowNs);
    if (next.role === 'vcpu' && this.ready.length > 0) this.limit(next, nowNs);
  }
}
