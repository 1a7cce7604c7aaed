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

import { fail } from '../base/assert.js';
import type { Clock } from './clock.js';
import { Balance } from './balance.js';
import type { BurstHandler, HostOptions, Thread, ThreadRole } from './thread.js';

// Messages to a thread's actor: the number of the start that ends, or this for the end of its quantum.
const QUANTUM = -1;

export class Host {
  private readonly clock: Clock;
  private readonly options: HostOptions;
  private readonly running: Thread[] = [];
  private readonly ready: Thread[] = [];
  private readonly balance: Balance;

  constructor(clock: Clock, options: HostOptions) {
    this.clock = clock;
    this.options = options;
    this.balance = new Balance(options);
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
      leftNs: [],
      codes: [],
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
    if (!(cpuNs >= 0)) fail(`a burst of ${cpuNs} ns`);
    const runs = thread.state === 'running' && !thread.parked;
    if (runs && thread.codes.length > 0) this.pause(thread, nowNs);
    thread.leftNs.push(cpuNs);
    thread.codes.push(code);
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
    if (thread.codes.length > 0) this.makeReady(thread, nowNs);
    else thread.state = 'idle';
  }

  private cores(nowNs: number): number {
    const { cores, spareCore } = this.options;
    return spareCore?.isThere(nowNs) === true ? cores + 1 : cores;
  }

  /** A core that came takes the next thread; one that went, takes a vCPU's turn with it. */
  private followSpareCore(nowNs: number): void {
    const cores = this.cores(nowNs);
    if (this.running.length < cores) this.dispatchNext(nowNs);
    if (this.running.length <= cores) return;
    const vcpu = this.running.find(({ role }) => role === 'vcpu');
    if (vcpu === undefined) return;
    this.preempt(vcpu, nowNs);
    const other = this.running.find(({ role }) => role === 'vcpu');
    if (other !== undefined) this.limit(other, nowNs);
  }

  private makeReady(thread: Thread, nowNs: number): void {
    thread.state = 'ready';
    if (this.running.length < this.cores(nowNs)) {
      this.dispatch(thread, nowNs);
      return;
    }
    const victim = this.running.find((other) => other.role === 'vcpu');
    if (thread.role === 'loop' && victim !== undefined && this.balance.preempts()) {
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

  private dispatch(thread: Thread, nowNs: number): void {
    thread.state = 'running';
    thread.dispatchedNs = nowNs;
    this.running.push(thread);
    this.startBurst(thread, nowNs);
  }

  private startBurst(thread: Thread, nowNs: number): void {
    thread.startedNs = nowNs;
    thread.start = (thread.start + 1) & 0x3fff_ffff;
    this.clock.at(nowNs + thread.leftNs[thread.leftNs.length - 1]!, thread.actor, thread.start);
  }

  /** The burst on top has run up to now, and has less left. */
  private pause(thread: Thread, nowNs: number): void {
    const top = thread.leftNs.length - 1;
    thread.leftNs[top] = Math.max(thread.leftNs[top]! - this.account(thread, nowNs), 0);
  }

  /** Takes the CPU time since the burst's start into account, and returns it, in ns. */
  private account(thread: Thread, nowNs: number): number {
    const ranNs = nowNs - thread.startedNs;
    thread.cpuNs += ranNs;
    thread.startedNs = nowNs;
    this.balance.ran(thread.role, ranNs);
    return ranNs;
  }

  private endBurst(thread: Thread, nowNs: number): void {
    this.account(thread, nowNs);
    thread.leftNs.pop();
    const code = thread.codes.pop()!;
    const { start } = thread;
    thread.handler(code, nowNs);
    if (thread.parked) this.leave(thread, nowNs, 'parked');
    else if (thread.codes.length === 0) this.leave(thread, nowNs, 'idle');
    // The handler may have given it a new burst, which then runs already.
    else if (thread.start === start) this.startBurst(thread, nowNs);
    if (this.options.spareCore !== undefined) this.followSpareCore(nowNs);
  }

  private preempt(thread: Thread, nowNs: number): void {
    this.pause(thread, nowNs);
    remove(this.running, thread);
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
    remove(this.running, thread);
    if (this.options.spareCore === undefined || this.running.length < this.cores(nowNs)) this.dispatchNext(nowNs);
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

/** Takes an item out of a list that holds it; the others keep their order. As `splice` would, without a list of what it took. */
function remove<T>(list: T[], item: T): void {
  for (let at = list.indexOf(item) + 1; at < list.length; at++) list[at - 1] = list[at]!;
  list.pop();
}
