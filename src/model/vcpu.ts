// A vCPU that works on one queue pair: a closed loop of submissions and completion passes.
//
//   think -> submit -> think -> ...            while the window has room
//   blocked -> interrupt -> pass -> think      when it has not
//   sleep -> think -> submit                   where the workload pauses
//
// An interrupt is handled before the thinking goes on. A register write that waits for the device's lock keeps
// the vCPU off its core until it has it.

import { unreachable } from '../base/assert.js';
import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import type { Costs } from './costs.js';
import { DoorbellWrites, type WritesOwner } from './doorbell-writes.js';
import type { DriverSide } from './driver/driver-side.js';
import type { Host } from './host.js';
import type { QueuePair } from './queue-pair.js';
import type { ServiceTimes, Work } from './service.js';
import type { Thread } from './thread.js';

export interface VcpuOptions {
  readonly clock: Clock;
  readonly host: Host;
  readonly pair: QueuePair;
  readonly driver: DriverSide;
  readonly bus: Bus;
  readonly costs: Costs;
  readonly work: Work;
  readonly service: ServiceTimes;
  /** Asked before each batch; false: not now, `restarted` comes later. */
  readonly mayBegin: (vcpu: Vcpu, nowNs: number) => boolean;
  /** Completions were consumed, and that was announced. */
  readonly reaped: (nowNs: number) => void;
}

// Messages to its actor: its work begins, or its sleep is over.
const START = 0;
const WAKE = 1;

// Codes of bursts, beside those of WRITE_BURST.
const SUBMIT = 0;
const PASS = 1;
const RESUBMIT = 3;

/** What it does behind an announcement. */
type Next = 'think' | 'await the rest' | 'resubmit' | 'poll' | 'leave the pass';

export class Vcpu implements WritesOwner<Next> {
  readonly pair: QueuePair;
  private readonly options: VcpuOptions;
  private readonly thread: Thread;
  private readonly actor: number;
  /** What its announcements cost it. */
  readonly writes: DoorbellWrites<Next>;
  /** What is left of the batch to submit; 0 when all work is submitted. */
  private batch: number;
  /** Whether a part of it is submitted already: the rest has its place, and waits for nothing. */
  private begun = false;
  /** Whether that batch waits for completions. */
  private blocked = false;
  /** Whether the next batch waits until nothing is outstanding. */
  private drain = false;
  private interruptPending = false;
  /** What it thinks behind the announcement at hand, in ns, and whether it sleeps first. */
  private thinkNs = 0;
  private pauses = false;
  /** What it thinks when it has slept, in ns. */
  private thinkAfterPauseNs = 0;
  /** Commands that a reset took from the device, to be submitted again. */
  private lost = 0;
  /** Whether it polls the CQ, which is empty. */
  private polling = false;

  constructor(options: VcpuOptions) {
    this.options = options;
    this.pair = options.pair;
    this.batch = options.work.nextBatch(0);
    this.thread = options.host.addThread('vcpu', (code, nowNs) => {
      if (code === SUBMIT) this.submit(nowNs);
      else if (code === PASS) this.pass(nowNs);
      else if (code === RESUBMIT) this.submitLost(nowNs);
      else this.writes.burst(code, nowNs);
    });
    const { bus, costs, host, pair } = options;
    this.writes = new DoorbellWrites({ bus, costs, host, pair, owner: this }, this.thread);
    this.actor = options.clock.addActor((message, nowNs) => {
      this.writes.begin(message === WAKE ? this.thinkAfterPauseNs : 0, SUBMIT, nowNs);
    });
  }

  /** Begins to work at its work's start time. */
  start(): void {
    if (this.batch > 0) this.options.clock.at(this.options.work.startNs, this.actor, START);
  }

  /** Whether commands are left that it has not submitted. */
  get hasWork(): boolean {
    return this.batch > 0;
  }

  /** The device signalled the completion queue; signals that come before the pass are answered by it. */
  interrupt(nowNs: number): void {
    if (this.interruptPending) return;
    this.interruptPending = true;
    if (this.writes.isWriting) return;
    const { service } = this.options;
    this.beginPass(this.thread.state === 'idle' ? service.handlerNs() : service.busyHandlerNs(), nowNs);
  }

  /** The device posted a completion: who polls for it sees it. */
  posted(nowNs: number): void {
    if (!this.polling) return;
    this.polling = false;
    if (this.writes.isWriting) this.interruptPending = true;
    // It notices at once, while others may still be posted behind this one.
    else this.beginPass(this.options.service.pendingHandlerNs(), nowNs);
  }

  /** Its commands timed out, and their completions are there: the driver finds them. */
  timedOut(nowNs: number): void {
    if (this.pair.posted > this.pair.reaped) this.beginPass(this.options.service.pendingHandlerNs(), nowNs);
  }

  /** The controller was reset with `lost` commands outstanding: the driver submits them again as soon as it may. */
  resubmit(lost: number): void {
    this.lost = lost;
    this.interruptPending = false;
    this.polling = false;
  }

  /** The controller is there again. @param held whether a batch of it was held back */
  restarted(held: boolean, nowNs: number): void {
    if (held) this.writes.begin(0, SUBMIT, nowNs);
    if (this.lost > 0) this.writes.begin(0, RESUBMIT, nowNs);
  }

  private submitLost(nowNs: number): void {
    const { driver } = this.options;
    const count = driver.unit(this.pair, this.lost);
    const announced = driver.submit(this.pair, count, nowNs);
    this.lost -= count;
    this.writes.spend(announced, 'sq', 'resubmit', nowNs);
  }

  private beginPass(afterNs: number, nowNs: number): void {
    const { pair, service } = this.options;
    const more = Math.max(pair.posted - pair.reaped - 1, 0);
    this.writes.begin(afterNs + more * service.perCompletionNs(), PASS, nowNs);
  }

  /**
   * A driver without interrupts looks for completions when it can't go on without them. One that delays announcements makes them
   * then.
   */
  private poll(nowNs: number): void {
    const { driver, pair, service } = this.options;
    const announced = driver.flush(pair, nowNs);
    if (announced !== 'nothing new') {
      this.writes.spend(announced, 'sq', 'poll', nowNs);
      return;
    }
    if (pair.posted > pair.reaped) this.beginPass(service.pendingHandlerNs(), nowNs);
    else this.polling = true;
  }

  private submit(nowNs: number): void {
    const { driver, mayBegin, work } = this.options;
    if (!this.begun && !mayBegin(this, nowNs)) return;
    if (!this.begun && !this.fits()) {
      this.blocked = true;
      if (this.pair.polled) this.poll(nowNs);
      return;
    }
    const count = driver.unit(this.pair, this.batch);
    const announced = driver.submit(this.pair, count, nowNs);
    this.batch -= count;
    this.begun = this.batch > 0;
    if (!this.begun) {
      if ((work.opcode ?? -1) >= 0) this.pair.special.set(driver.lastOfBatch(this.pair, count), work.opcode!);
      this.drain = work.waits ?? false;
      this.batch = work.nextBatch(nowNs);
    }
    if (this.batch > 0) {
      this.thinkNs = this.begun ? 0 : work.thinkAfterSubmitNs();
      this.pauses = !this.begun && work.pauseNs !== undefined;
      this.writes.spend(announced, 'sq', 'think', nowNs);
    } else {
      this.writes.spend(announced, 'sq', 'await the rest', nowNs);
    }
  }

  /** Sleeps, then thinks and submits. Who sleeps leaves its core, and handles interrupts. */
  private pause(pauseNs: number, thinkNs: number, nowNs: number): void {
    const { clock, host } = this.options;
    if (pauseNs <= 0) {
      host.begin(this.thread, thinkNs, SUBMIT, nowNs);
      return;
    }
    this.thinkAfterPauseNs = thinkNs;
    clock.at(nowNs + pauseNs, this.actor, WAKE);
  }

  private pass(nowNs: number): void {
    this.interruptPending = false;
    this.writes.spend(this.options.driver.reap(this.pair, nowNs), 'cq', 'leave the pass', nowNs);
  }

  private leavePass(nowNs: number): void {
    const { driver, host, reaped, service, work } = this.options;
    if (driver.leavesSome(this.pair)) {
      host.begin(this.thread, 0, PASS, nowNs);
      return;
    }
    // Who polls goes on to, until there is nothing: completions that came while the register was written.
    if (this.pair.polled && this.pair.posted > this.pair.reaped) {
      this.poll(nowNs);
    } else if (!this.blocked) {
      if (!this.pair.polled) host.spend(this.thread, service.handlerTailNs(), nowNs);
      this.awaitRest(nowNs);
    } else if (this.fits()) {
      this.blocked = false;
      host.begin(this.thread, work.thinkAfterReapNs(), SUBMIT, nowNs);
    } else if (this.pair.polled) {
      this.poll(nowNs);
    }
    reaped(nowNs);
  }

  /** All work is submitted: a driver without interrupts still looks for the completions that are left. */
  private awaitRest(nowNs: number): void {
    const { pair } = this;
    if (pair.polled && !this.hasWork && pair.submitted > pair.reaped) this.poll(nowNs);
  }

  /** An announcement has cost what it costs at once. */
  goOn(next: Next, nowNs: number): void {
    const { host, work } = this.options;
    switch (next) {
      case 'think':
        if (this.pauses) this.pause(work.pauseNs!(nowNs), this.thinkNs, nowNs);
        else host.begin(this.thread, this.thinkNs, SUBMIT, nowNs);
        break;
      case 'await the rest':
        this.awaitRest(nowNs);
        break;
      case 'resubmit':
        if (this.lost > 0) host.begin(this.thread, 0, RESUBMIT, nowNs);
        else if (this.pair.polled) this.poll(nowNs);
        break;
      case 'poll':
        this.poll(nowNs);
        break;
      case 'leave the pass':
        this.leavePass(nowNs);
        break;
      default:
        unreachable(next);
    }
  }

  /** A register write is over: an interrupt that came meanwhile is handled. */
  written(nowNs: number): void {
    if (this.interruptPending) this.beginPass(this.options.service.pendingHandlerNs(), nowNs);
  }

  /** A batch larger than the window goes when nothing is outstanding, or it would never go. */
  private fits(): boolean {
    const outstanding = this.pair.submitted - this.pair.reaped;
    if (outstanding === 0) return true;
    if (this.drain) return false;
    return outstanding + this.batch <= Math.min(this.options.work.window, this.pair.sqDepth - 1);
  }
}
