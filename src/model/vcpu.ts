// A vCPU that works on one queue pair: a closed loop of submissions and completion passes.
//
//   think -> submit -> think -> ...            while the window has room
//   blocked -> interrupt -> pass -> think      when it has not
//
// An interrupt is handled before the thinking goes on. A register write that waits for the device's lock keeps
// the vCPU off its core until it has it.

import type { Side } from '../nvme/doorbell.js';
import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import type { Costs } from './costs.js';
import type { Announced, DriverSide } from './driver/driver-side.js';
import type { Host, Thread } from './host.js';
import type { QueuePair } from './queue-pair.js';
import type { ServiceTimes, Work } from './service.js';

export interface VcpuOptions {
  readonly host: Host;
  readonly pair: QueuePair;
  readonly driver: DriverSide;
  readonly bus: Bus;
  readonly costs: Costs;
  readonly work: Work;
  readonly service: ServiceTimes;
}

// Codes of bursts.
const SUBMIT = 0;
const PASS = 1;
/** CPU time that leads to nothing by itself: what is below on the stack of bursts goes on. */
const SPEND = 2;

export class Vcpu {
  readonly pair: QueuePair;
  private readonly options: VcpuOptions;
  private readonly thread: Thread;
  /** What is left of the batch to submit; 0 when all work is submitted. */
  private batch: number;
  /** Whether a part of it is submitted already: the rest has its place, and waits for nothing. */
  private begun = false;
  /** Whether that batch waits for completions. */
  private blocked = false;
  /** Whether the next batch waits until nothing is outstanding. */
  private drain = false;
  /** Whether a register write waits for the lock or is being made. */
  private writing = false;
  private interruptPending = false;
  /** Whether it polls the CQ, which is empty. */
  private polling = false;
  /** Time spent in doorbell updates and register writes, waiting for the lock included, in ns. */
  doorbellNs = 0;

  constructor(options: VcpuOptions) {
    this.options = options;
    this.pair = options.pair;
    this.batch = options.work.nextBatch();
    this.thread = options.host.addThread('vcpu', (code, nowNs) => {
      if (code === SUBMIT) this.submit(nowNs);
      else if (code === PASS) this.pass(nowNs);
    });
  }

  /** Begins to work at its work's start time. */
  start(clock: Clock): void {
    if (this.batch === 0) return;
    const actor = clock.addActor((_, nowNs) => this.options.host.begin(this.thread, 0, SUBMIT, nowNs));
    clock.at(this.options.work.startNs, actor, 0);
  }

  /** Whether commands are left that it has not submitted. */
  get hasWork(): boolean {
    return this.batch > 0;
  }

  /** The device signalled the completion queue; signals that come before the pass are answered by it. */
  interrupt(nowNs: number): void {
    if (this.interruptPending) return;
    this.interruptPending = true;
    if (this.writing) return;
    const { service } = this.options;
    this.beginPass(this.thread.state === 'idle' ? service.handlerNs() : service.busyHandlerNs(), nowNs);
  }

  /** The device posted a completion: who polls for it sees it. */
  posted(nowNs: number): void {
    if (!this.polling) return;
    this.polling = false;
    this.beginPass(this.options.service.handlerNs(), nowNs);
  }

  private beginPass(afterNs: number, nowNs: number): void {
    const { host, pair, service } = this.options;
    const more = Math.max(pair.posted - pair.reaped - 1, 0);
    host.begin(this.thread, afterNs + more * service.perCompletionNs(), PASS, nowNs);
  }

  /** A driver without interrupts looks for completions when it can't go on without them. */
  private poll(nowNs: number): void {
    const { pair, service } = this.options;
    if (pair.posted > pair.reaped) this.beginPass(service.pendingHandlerNs(), nowNs);
    else this.polling = true;
  }

  private submit(nowNs: number): void {
    const { driver, work } = this.options;
    if (!this.begun && !this.fits()) {
      this.blocked = true;
      if (this.pair.polled) this.poll(nowNs);
      return;
    }
    const count = driver.unit(this.batch);
    const announced = driver.submit(this.pair, count, nowNs);
    this.batch -= count;
    this.begun = this.batch > 0;
    if (!this.begun) {
      if ((work.opcode ?? -1) >= 0) this.pair.special.set(this.pair.submitted - 1, work.opcode!);
      this.drain = work.waits ?? false;
      this.batch = work.nextBatch();
    }
    if (this.batch > 0) {
      const thinkNs = this.begun ? 0 : work.thinkAfterSubmitNs();
      this.spend(announced, 'sq', nowNs, (thenNs) => this.options.host.begin(this.thread, thinkNs, SUBMIT, thenNs));
    } else {
      this.spend(announced, 'sq', nowNs, (thenNs) => this.awaitRest(thenNs));
    }
  }

  private pass(nowNs: number): void {
    const { driver, host, service, work } = this.options;
    this.interruptPending = false;
    const announced = driver.reap(this.pair, nowNs);
    this.spend(announced, 'cq', nowNs, (thenNs) => {
      if (driver.leavesSome(this.pair)) {
        host.begin(this.thread, 0, PASS, thenNs);
        return;
      }
      if (!this.blocked) {
        if (!this.pair.polled) host.begin(this.thread, service.handlerTailNs(), SPEND, thenNs);
        this.awaitRest(thenNs);
      } else if (this.fits()) {
        this.blocked = false;
        host.begin(this.thread, work.thinkAfterReapNs(), SUBMIT, thenNs);
      } else if (this.pair.polled) {
        this.poll(thenNs);
      }
    });
  }

  /** All work is submitted: a driver without interrupts still looks for the completions that are left. */
  private awaitRest(nowNs: number): void {
    const { pair } = this;
    if (pair.polled && !this.hasWork && pair.submitted > pair.reaped) this.poll(nowNs);
  }

  /** Spends what an announcement costs, then goes on with `then`. */
  private spend(announced: Announced, side: Side, nowNs: number, then: (nowNs: number) => void): void {
    const { bus, costs, host, service } = this.options;
    if (announced !== 'ring') {
      if (announced === 'suppressed') this.doorbellNs += costs.shadowUpdateNs;
      then(nowNs);
      if (announced === 'suppressed') host.begin(this.thread, costs.shadowUpdateNs, SPEND, nowNs);
      return;
    }
    this.writing = true;
    host.park(this.thread);
    bus.ring(this.pair, side, nowNs, (begunNs, costNs) => {
      this.writing = false;
      this.doorbellNs += begunNs - nowNs + costNs;
      then(begunNs);
      if (this.interruptPending) this.beginPass(service.pendingHandlerNs(), begunNs);
      host.begin(this.thread, costNs, SPEND, begunNs);
      host.unpark(this.thread, begunNs);
    });
  }

  /** A batch larger than the window goes when nothing is outstanding, or it would never go. */
  private fits(): boolean {
    const outstanding = this.pair.submitted - this.pair.reaped;
    if (outstanding === 0) return true;
    if (this.drain) return false;
    return outstanding + this.batch <= Math.min(this.options.work.window, this.pair.sqDepth - 1);
  }
}
