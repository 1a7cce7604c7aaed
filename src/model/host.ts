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
/** No burst began within the handler. */
const NO_TURN = -1;
/** The code of a burst that leads to nothing; those of callers are 0 or more. */
const NOTHING = -1;

export class Host {
  private readonly clock: Clock;
  private readonly options: HostOptions;
  private readonly running: Thread[] = [];
  private readonly ready: Thread[] = [];
  private readonly balance: Balance;
  private threads = 0;

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
      isHandling: false,
      turn: NO_TURN,
      cpuNs: 0,
    };
    this.threads += 1;
    return thread;
  }

  /**
   * Gives a thread a burst of CPU time. On a thread that has bursts already, the new one goes first (an interrupt).
   */
  begin(thread: Thread, cpuNs: number, code: number, nowNs: number): void {
    if (!(cpuNs >= 0)) fail(`a burst of ${cpuNs} ns`);
    const runs = thread.state === 'running' && !thread.parked;
    if (runs && !thread.isHandling && thread.codes.length > 0) this.pause(thread, nowNs);
    thread.leftNs.push(cpuNs);
    thread.codes.push(code);
    if (runs) this.startOrWait(thread, nowNs);
    else if (thread.state === 'idle') this.makeReady(thread, nowNs);
  }

  /**
   * Gives a thread CPU time that leads to nothing by itself: it goes before the rest of the burst that the thread is at, if it is at any.
   */
  spend(thread: Thread, cpuNs: number, nowNs: number): void {
    const top = thread.leftNs.length - 1;
    if (top < 0) {
      this.begin(thread, cpuNs, NOTHING, nowNs);
      return;
    }
    const runs = thread.state === 'running' && !thread.parked;
    if (runs && !thread.isHandling) this.pause(thread, nowNs);
    thread.leftNs[top]! += cpuNs;
    if (runs) this.startOrWait(thread, nowNs);
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

  /** The burst on top starts, when the handler at work has returned. */
  private startOrWait(thread: Thread, nowNs: number): void {
    if (thread.isHandling) thread.turn = this.clock.takeTurn();
    else this.startBurst(thread, nowNs);
  }

  private startBurst(thread: Thread, nowNs: number, turn = this.clock.takeTurn()): void {
    thread.startedNs = nowNs;
    thread.start = (thread.start + 1) & 0x3fff_ffff;
    this.clock.at(nowNs + topOf(thread), thread.actor, thread.start, turn);
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
    // With a core for each thread nobody asks who had more.
    if (this.threads > this.options.cores) this.balance.ran(thread.role, ranNs);
    return ranNs;
  }

  private endBurst(thread: Thread, nowNs: number): void {
    let endNs = nowNs;
    while (this.handle(thread, endNs)) endNs += topOf(thread);
    if (this.options.spareCore !== undefined) this.followSpareCore(endNs);
  }

  /** Handles the end of the burst on top. Returns whether nothing else happens up to the end of the next one: it is that time then. */
  private handle(thread: Thread, nowNs: number): boolean {
    this.account(thread, nowNs);
    thread.leftNs.pop();
    thread.turn = NO_TURN;
    thread.isHandling = true;
    const code = thread.codes.pop()!;
    if (code !== NOTHING) thread.handler(code, nowNs);
    thread.isHandling = false;
    if (thread.parked || thread.codes.length === 0) {
      this.leave(thread, nowNs, thread.parked ? 'parked' : 'idle');
      return false;
    }
    // Somebody whom it woke may have taken its core.
    if (thread.state !== 'running') return false;
    const turn = thread.turn === NO_TURN ? this.clock.takeTurn() : thread.turn;
    if (this.options.spareCore === undefined && this.clock.goOn(nowNs + topOf(thread), turn)) return true;
    this.startBurst(thread, nowNs, turn);
    return false;
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
    const hadCore = thread.state === 'running';
    thread.state = state;
    // Somebody whom it woke may have taken its core, and left it among those that are ready.
    remove(hadCore ? this.running : this.ready, thread);
    if (!hadCore) return;
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

/** What is left of the burst on top, in ns. */
function topOf({ leftNs }: Thread): number {
  return leftNs[leftNs.length - 1]!;
}

/** Takes an item out of a list that holds it; the others keep their order. As `splice` would, without a list of what it took. */
function remove<T>(list: T[], item: T): void {
  for (let at = list.indexOf(item) + 1; at < list.length; at++) list[at - 1] = list[at]!;
  list.pop();
}
