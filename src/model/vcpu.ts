// A vCPU that works on one queue pair: a closed loop of submissions and completion passes.
// After a submission it thinks, then submits the next batch; a batch that doesn't fit the window waits
// for completions. An interrupt leads to one completion pass after the handler's latency; interrupts that
// arrive before the pass are answered by it.

import type { Clock } from './clock.js';
import type { DriverSide } from './driver/driver-side.js';
import type { QueuePair } from './queue-pair.js';
import type { ServiceTimes, Work } from './service.js';

const SUBMIT = 0;
const REAP = 1;

export class Vcpu {
  readonly pair: QueuePair;
  private readonly clock: Clock;
  private readonly driver: DriverSide;
  private readonly work: Work;
  private readonly service: ServiceTimes;
  private readonly actor: number;
  /** The batch to submit next; 0 when all work is submitted. */
  private batch: number;
  /** Whether that batch waits for completions. */
  private blocked = false;
  private passPending = false;
  /** Time spent in completion passes delays a submission that is due meanwhile. */
  private busyUntilNs = 0;
  /** Time spent in doorbell updates and register writes, in ns. */
  doorbellNs = 0;

  constructor(clock: Clock, pair: QueuePair, driver: DriverSide, work: Work, service: ServiceTimes) {
    this.clock = clock;
    this.pair = pair;
    this.driver = driver;
    this.work = work;
    this.service = service;
    this.batch = work.nextBatch();
    this.actor = clock.addActor((message, nowNs) => {
      if (message === SUBMIT) this.submit(nowNs);
      else this.reap(nowNs);
    });
    if (this.batch > 0) clock.at(work.startNs, this.actor, SUBMIT);
  }

  /** Whether commands are left that it has not submitted. */
  get hasWork(): boolean {
    return this.batch > 0;
  }

  /** The device signalled the completion queue. */
  interrupt(nowNs: number): void {
    if (this.passPending) return;
    this.passPending = true;
    this.clock.at(nowNs + this.service.handlerNs(), this.actor, REAP);
  }

  private submit(nowNs: number): void {
    if (nowNs < this.busyUntilNs) {
      this.clock.at(this.busyUntilNs, this.actor, SUBMIT);
      return;
    }
    if (!this.fits()) {
      this.blocked = true;
      return;
    }
    const spentNs = this.driver.submit(this.pair, this.batch, nowNs);
    this.doorbellNs += spentNs;
    this.batch = this.work.nextBatch();
    if (this.batch > 0) this.clock.at(nowNs + spentNs + this.work.thinkAfterSubmitNs(), this.actor, SUBMIT);
  }

  private reap(nowNs: number): void {
    this.passPending = false;
    const spentNs = this.driver.reap(this.pair, nowNs);
    this.doorbellNs += spentNs;
    this.busyUntilNs = Math.max(this.busyUntilNs, nowNs + spentNs);
    if (!this.blocked || !this.fits()) return;
    this.blocked = false;
    this.clock.at(nowNs + spentNs + this.work.thinkAfterReapNs(), this.actor, SUBMIT);
  }

  /** A batch larger than the window goes when nothing is outstanding, or it would never go. */
  private fits(): boolean {
    const outstanding = this.pair.submitted - this.pair.reaped;
    if (outstanding === 0) return true;
    return outstanding + this.batch <= Math.min(this.work.window, this.pair.sqDepth - 1);
  }
}
