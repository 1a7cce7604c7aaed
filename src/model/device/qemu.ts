// QEMU's emulated NVMe controller: one thread, the main loop, serves all queues. [QEMU-10.0 hw/nvme/ctrl.c]
//
//   doorbell -> schedules the SQ's bottom half -> the loop wakes
//   bottom half (nvme_process_sq): fetch until the queue is empty, policy steps after each command
//   backend batch: commands complete, each is put on its CQ's waiting list (nvme_enqueue_req_completion)
//   bottom half of the CQ (nvme_post_cqes): policy steps and one CQE each, then one interrupt
//
// Bottom halves found pending together run last scheduled first. Commands complete in fetch order.
// Request slots equal the SQ's entries, so a driver that leaves one entry free never runs out of them.

import { advance, freeEntries } from '../../nvme/ring.js';
import type { Side } from '../../nvme/doorbell.js';
import type { Clock } from '../clock.js';
import type { CqPolicy, SqPolicy } from '../policy/policy.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { Device } from './device.js';
import type { PolicyRunner } from './queue-side.js';

export interface QemuOptions {
  readonly clock: Clock;
  readonly pairs: readonly QueuePair[];
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly policies: PolicyRunner;
  readonly service: ServiceTimes;
  readonly recorder: Recorder;
  /** The device signals a pair's CQ. */
  readonly interrupt: (pair: QueuePair, nowNs: number) => void;
}

// Messages of the main loop; those above QUEUE_MESSAGE name a pair: QUEUE_MESSAGE + its place, or that + pairs.length.
const RUN = 0;
const BACKEND = 1;
const QUEUE_MESSAGE = 2;

export class QemuDevice implements Device {
  private readonly options: QemuOptions;
  private readonly loop: number;
  /** When the main loop runs next; Infinity while it sleeps. An event for another time is stale. */
  private runAtNs = Infinity;
  private asleep = true;
  /** The queue whose bottom half is running. */
  private fetching: QueuePair | undefined;
  /** Scheduled bottom halves, last scheduled last. */
  private readonly sqScheduled: QueuePair[] = [];
  private readonly cqScheduled: QueuePair[] = [];
  /** Commands in the backend, oldest first, by their queue. */
  private readonly backend: QueuePair[] = [];
  private backendPending = false;
  /** Commands of the current backend batch that are still to be completed. */
  private completing = 0;
  /** Time that the main loop was at work, in ns. */
  busyNs = 0;

  constructor(options: QemuOptions) {
    this.options = options;
    this.loop = options.clock.addActor((message, nowNs) => this.handle(message, nowNs));
    for (const pair of options.pairs) options.policies.run(options.cqPolicy.program.onConfig, pair, 'cq', 0);
  }

  doorbell(pair: QueuePair, side: Side, value: number, nowNs: number): void {
    if (side === 'sq') {
      pair.sq.seen = value;
      this.scheduleSq(pair, nowNs);
      return;
    }
    const wasFull = freeEntries(pair.cq.seen, pair.cq.position, pair.cqDepth) === 0;
    pair.cq.seen = value;
    if (wasFull) this.scheduleCq(pair, nowNs);
  }

  private handle(message: number, nowNs: number): void {
    if (message === RUN) {
      if (nowNs !== this.runAtNs) return;
      this.run(nowNs);
    } else if (message === BACKEND) {
      this.backendPending = false;
      this.completing = this.options.service.backendBatch(this.backend.length);
      if (this.asleep) this.run(nowNs);
    } else {
      this.queueMessage(message - QUEUE_MESSAGE, nowNs);
    }
  }

  /** A timer of a policy, or an interrupt that is due. */
  private queueMessage(code: number, nowNs: number): void {
    const { pairs, recorder, interrupt } = this.options;
    const pair = pairs[code % pairs.length]!;
    if (code < pairs.length) {
      this.scheduleSq(pair, nowNs);
      return;
    }
    recorder.interrupt(pair.qid, nowNs);
    interrupt(pair, nowNs);
  }

  private scheduleSq(pair: QueuePair, nowNs: number): void {
    if (!this.sqScheduled.includes(pair)) this.sqScheduled.push(pair);
    this.wake(nowNs);
  }

  private scheduleCq(pair: QueuePair, nowNs: number): void {
    if (!this.cqScheduled.includes(pair)) this.cqScheduled.push(pair);
    this.wake(nowNs);
  }

  /** The loop will run after the wake-up time, unless it runs or is about to. */
  private wake(nowNs: number): void {
    if (this.asleep && this.runAtNs === Infinity) this.runAt(nowNs + this.options.service.wakeNs());
  }

  private runAt(timeNs: number): void {
    this.runAtNs = timeNs;
    this.options.clock.at(timeNs, this.loop, RUN);
  }

  /** Does the loop's next piece of work, or goes to sleep. Fetching goes before completing, completing before posting. */
  private run(nowNs: number): void {
    this.asleep = false;
    this.runAtNs = Infinity;
    let spentNs: number;
    if (this.fetching !== undefined) spentNs = this.fetchNext(this.fetching, nowNs);
    else if (this.sqScheduled.length > 0) spentNs = this.beginFetching(this.sqScheduled.pop()!, nowNs);
    else if (this.completing > 0) spentNs = this.completeNext(nowNs);
    else if (this.cqScheduled.length > 0) spentNs = this.post(this.cqScheduled.pop()!, nowNs);
    else {
      this.asleep = true;
      return;
    }
    this.busyNs += spentNs;
    this.runAt(nowNs + spentNs);
  }

  // nvme_process_sq

  private beginFetching(pair: QueuePair, nowNs: number): number {
    this.fetching = pair;
    return this.options.policies.run(this.options.sqPolicy.program.onStart, pair, 'sq', nowNs).spentNs;
  }

  private fetchNext(pair: QueuePair, nowNs: number): number {
    const { sqPolicy, policies, service, recorder } = this.options;
    const { sq } = pair;
    if (sq.position === sq.seen) return this.endFetching(pair, nowNs);
    recorder.fetch(pair.qid, cidAt(pair.fetched), nowNs);
    pair.fetched += 1;
    sq.position = advance(sq.position, 1, pair.sqDepth);
    sq.inFlight += 1;
    this.backend.push(pair);
    return service.fetchNs() + policies.run(sqPolicy.program.onCommand, pair, 'sq', nowNs).spentNs;
  }

  /** The queue is empty by what was read: publish and look again if the policy says so, else leave it. */
  private endFetching(pair: QueuePair, nowNs: number): number {
    const { clock, pairs, sqPolicy, policies } = this.options;
    const outcome = policies.run(sqPolicy.program.onEmpty, pair, 'sq', nowNs);
    if (pair.sq.position !== pair.sq.seen) return outcome.spentNs;
    this.fetching = undefined;
    this.awaitBackend(nowNs + outcome.spentNs);
    const lookAgainNs = Math.min(outcome.pollNs, outcome.timerNs);
    if (lookAgainNs < Infinity) {
      clock.at(nowNs + outcome.spentNs + lookAgainNs, this.loop, QUEUE_MESSAGE + pairs.indexOf(pair));
    }
    return outcome.spentNs;
  }

  // Backend and completions

  private awaitBackend(nowNs: number): void {
    if (this.backendPending || this.completing > 0 || this.backend.length === 0) return;
    this.backendPending = true;
    this.options.clock.at(nowNs + this.options.service.backendNs(this.backend.length), this.loop, BACKEND);
  }

  private completeNext(nowNs: number): number {
    const { service, recorder } = this.options;
    const pair = this.backend.shift()!;
    recorder.complete(pair.qid, cidAt(pair.completed), nowNs);
    pair.completed += 1;
    pair.sq.inFlight -= 1;
    if (!this.cqScheduled.includes(pair)) this.cqScheduled.push(pair);
    this.completing -= 1;
    const spentNs = service.completeNs();
    this.awaitBackend(nowNs + spentNs);
    return spentNs;
  }

  // nvme_post_cqes

  private post(pair: QueuePair, nowNs: number): number {
    const { clock, cqPolicy, pairs, policies, service } = this.options;
    const { cq } = pair;
    let spentNs = 0;
    while (pair.posted < pair.completed) {
      spentNs += policies.run(cqPolicy.program.onPost, pair, 'cq', nowNs).spentNs;
      if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) {
        spentNs += policies.run(cqPolicy.program.onFull, pair, 'cq', nowNs).spentNs;
        if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) break;
      }
      cq.position = advance(cq.position, 1, pair.cqDepth);
      pair.posted += 1;
    }
    if (cq.position !== cq.seen) {
      spentNs += service.interruptNs();
      clock.at(nowNs + spentNs, this.loop, QUEUE_MESSAGE + pairs.length + pairs.indexOf(pair));
    }
    return spentNs;
  }
}
