// A vCPU that works on one queue pair: a closed loop of submissions and completion passes.
//
//   think -> submit -> think -> ...            while the window has room
//   blocked -> interrupt -> pass -> think      when it has not
//   sleep -> think -> submit                   where the workload pauses
//
// An interrupt is handled before the thinking goes on. A register write that waits for the device's lock keeps
// the vCPU off its core until it has it.

import type { Side } from '../nvme/doorbell.js';
import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import type { Costs } from './costs.js';
import type { Announced, DriverSide } from './driver/driver-side.js';
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
  /** Asked before each batch; false: not now, `goOn` comes later. */
  readonly mayBegin: (vcpu: Vcpu, nowNs: number) => boolean;
  /** Completions were consumed, and that was announced. */
  readonly reaped: (nowNs: number) => void;
}

// Messages to its actor: its work begins, or its sleep is over.
const START = 0;
const WAKE = 1;

// Codes of bursts.
const SUBMIT = 0;
const PASS = 1;
/** A register write has left the guest. */
const ARRIVE = 5;
/** CPU time that leads to nothing by itself: what is below on the stack of bursts goes on. */
const SPEND = 2;
const RESUBMIT = 3;
/** The rest of a register write outside of the guest, which no interrupt reaches before its end. */
const WRITE = 4;

export class Vcpu {
  readonly pair: QueuePair;
  private readonly options: VcpuOptions;
  private readonly thread: Thread;
  private readonly actor: number;
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
  /** Takes that write on when it has left the guest; undefined while none is on its way out. */
  private arrive: ((nowNs: number) => void) | undefined;
  /** Bursts that came meanwhile: nothing runs in the guest until it has left. */
  private readonly held: (readonly [cpuNs: number, code: number])[] = [];
  private interruptPending = false;
  /** What it thinks when it has slept, in ns. */
  private thinkAfterPauseNs = 0;
  /** Commands that a reset took from the device, to be submitted again. */
  private lost = 0;
  /** Whether it polls the CQ, which is empty. */
  private polling = false;
  /** Announcements that were register writes, and that shadow doorbells made needless. */
  readonly rings: Record<Side, number> = { sq: 0, cq: 0 };
  readonly suppressed: Record<Side, number> = { sq: 0, cq: 0 };
  /** Time spent in register writes, waiting for the lock included, and in updates that wrote none, in ns. */
  exitNs = 0;
  updateNs = 0;

  constructor(options: VcpuOptions) {
    this.options = options;
    this.pair = options.pair;
    this.batch = options.work.nextBatch(0);
    this.thread = options.host.addThread('vcpu', (code, nowNs) => {
      if (code === SUBMIT) this.submit(nowNs);
      else if (code === PASS) this.pass(nowNs);
      else if (code === ARRIVE) this.arrive!(nowNs);
      else if (code === RESUBMIT) this.submitLost(nowNs);
      else if (code === WRITE) this.endWrite(nowNs);
    });
    this.actor = options.clock.addActor((message, nowNs) => {
      this.begin(message === WAKE ? this.thinkAfterPauseNs : 0, SUBMIT, nowNs);
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
    if (this.writing) return;
    const { service } = this.options;
    this.beginPass(this.thread.state === 'idle' ? service.handlerNs() : service.busyHandlerNs(), nowNs);
  }

  /** The device posted a completion: who polls for it sees it. */
  posted(nowNs: number): void {
    if (!this.polling) return;
    this.polling = false;
    if (this.writing) this.interruptPending = true;
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
  goOn(held: boolean, nowNs: number): void {
    if (held) this.begin(0, SUBMIT, nowNs);
    if (this.lost > 0) this.begin(0, RESUBMIT, nowNs);
  }

  private submitLost(nowNs: number): void {
    const { driver, host } = this.options;
    const count = driver.unit(this.pair, this.lost);
    const announced = driver.submit(this.pair, count, nowNs);
    this.lost -= count;
    this.spend(announced, 'sq', nowNs, (thenNs) => {
      if (this.lost > 0) host.begin(this.thread, 0, RESUBMIT, thenNs);
      else if (this.pair.polled) this.poll(thenNs);
    });
  }

  private begin(cpuNs: number, code: number, nowNs: number): void {
    if (this.arrive !== undefined) this.held.push([cpuNs, code]);
    else this.options.host.begin(this.thread, cpuNs, code, nowNs);
  }

  private beginPass(afterNs: number, nowNs: number): void {
    const { pair, service } = this.options;
    const more = Math.max(pair.posted - pair.reaped - 1, 0);
    this.begin(afterNs + more * service.perCompletionNs(), PASS, nowNs);
  }

  /**
   * A driver without interrupts looks for completions when it can't go on without them. One that delays announcements makes them
   * then.
   */
  private poll(nowNs: number): void {
    const { driver, pair, service } = this.options;
    const announced = driver.flush(pair, nowNs);
    if (announced !== 'nothing new') {
      this.spend(announced, 'sq', nowNs, (thenNs) => this.poll(thenNs));
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
      const thinkNs = this.begun ? 0 : work.thinkAfterSubmitNs();
      const pause = !this.begun && work.pauseNs !== undefined;
      this.spend(announced, 'sq', nowNs, (thenNs) => {
        if (pause) this.pause(work.pauseNs!(thenNs), thinkNs, thenNs);
        else this.options.host.begin(this.thread, thinkNs, SUBMIT, thenNs);
      });
    } else {
      this.spend(announced, 'sq', nowNs, (thenNs) => this.awaitRest(thenNs));
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
    const { driver, host, reaped, service, work } = this.options;
    this.interruptPending = false;
    const announced = driver.reap(this.pair, nowNs);
    this.spend(announced, 'cq', nowNs, (thenNs) => {
      if (driver.leavesSome(this.pair)) {
        host.begin(this.thread, 0, PASS, thenNs);
        return;
      }
      // Who polls goes on to, until there is nothing: completions that came while the register was written.
      if (this.pair.polled && this.pair.posted > this.pair.reaped) {
        this.poll(thenNs);
      } else if (!this.blocked) {
        if (!this.pair.polled) host.begin(this.thread, service.handlerTailNs(), SPEND, thenNs);
        this.awaitRest(thenNs);
      } else if (this.fits()) {
        this.blocked = false;
        host.begin(this.thread, work.thinkAfterReapNs(), SUBMIT, thenNs);
      } else if (this.pair.polled) {
        this.poll(thenNs);
      }
      reaped(thenNs);
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
      if (announced === 'suppressed') {
        this.suppressed[side] += 1;
        this.updateNs += costs.shadowUpdateNs;
      }
      then(nowNs);
      if (announced === 'suppressed') host.begin(this.thread, costs.shadowUpdateNs, SPEND, nowNs);
      return;
    }
    this.rings[side] += 1;
    this.writing = true;
    this.arrive = (arrivedNs) => {
      this.arrive = undefined;
      host.park(this.thread);
      for (const [cpuNs, code] of this.held.splice(0)) host.begin(this.thread, cpuNs, code, arrivedNs);
      bus.arrive(this.pair, side, arrivedNs, (takenNs, costNs) => {
        this.exitNs += bus.deliveryNs + takenNs - arrivedNs + costNs;
        then(takenNs);
        if (bus.needsLock) {
          this.writing = false;
          if (this.interruptPending) this.beginPass(service.pendingHandlerNs(), takenNs);
        }
        host.begin(this.thread, costNs, bus.needsLock ? SPEND : WRITE, takenNs);
        host.unpark(this.thread, takenNs);
      });
    };
    host.begin(this.thread, bus.deliveryNs, ARRIVE, nowNs);
  }

  private endWrite(nowNs: number): void {
    this.writing = false;
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
