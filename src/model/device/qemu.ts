// QEMU's emulated NVMe controller: one thread, the main loop, serves all queues. [QEMU-10.0 hw/nvme/ctrl.c]
//
//   doorbell -> schedules the SQ's bottom half -> the loop wakes
//   bottom half (nvme_process_sq): fetch until the queue is empty, policy steps after each command
//   backend batch: commands complete, each is put on its CQ's waiting list (nvme_enqueue_req_completion)
//   bottom half of the CQ (nvme_post_cqes): policy steps and one CQE each, then one interrupt
//
// Bottom halves found pending together run last scheduled first. Commands complete in fetch order. The loop holds
// the device's lock while it works, and lets go of it after each of these pieces, when it polls.
// Request slots equal the SQ's entries, so a driver that leaves one entry free never runs out of them.

import type { Side } from '../../nvme/doorbell.js';
import { advance, freeEntries } from '../../nvme/ring.js';
import type { Clock } from '../clock.js';
import type { Host, Thread } from '../host.js';
import type { DeviceLock } from '../lock.js';
import type { CqPolicy, SqPolicy } from '../policy/policy.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { Device } from './device.js';
import type { PolicyRunner } from './queue-side.js';

export interface QemuOptions {
  readonly clock: Clock;
  readonly host: Host;
  readonly lock: DeviceLock;
  readonly pairs: readonly QueuePair[];
  readonly sqPolicy: SqPolicy;
  readonly cqPolicy: CqPolicy;
  readonly policies: PolicyRunner;
  readonly service: ServiceTimes;
  readonly recorder: Recorder;
  /** The device signals a pair's CQ. */
  readonly interrupt: (pair: QueuePair, nowNs: number) => void;
}

// What the loop does when a burst of its CPU time has passed: RUN, take a backend batch that its core worked for, or
// signal the pair at place code - SIGNAL first.
const RUN = 0;
const WORKED = 1;
const SIGNAL = 2;
// Messages from the clock: a backend batch is ready, or a policy's timer for the pair at place message - TIMER.
const BACKEND = 0;
const TIMER = 1;

export class QemuDevice implements Device {
  private readonly options: QemuOptions;
  private readonly loop: Thread;
  private readonly actor: number;
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
  /** When a pair's policy wants to look again, in ns; a timer set earlier for another time is stale. */
  private readonly lookAgainNs = new Map<QueuePair, number>();

  constructor(options: QemuOptions) {
    this.options = options;
    this.loop = options.host.addThread('loop', (code, nowNs) => {
      if (code >= SIGNAL) this.signal(options.pairs[code - SIGNAL]!, nowNs);
      else if (code === WORKED) this.takeBatch();
      this.run(nowNs);
    });
    this.actor = options.clock.addActor((message, nowNs) => {
      if (message === BACKEND) this.backendReady(nowNs);
      else this.lookAgain(options.pairs[message - TIMER]!, nowNs);
    });
    for (const pair of options.pairs) options.policies.run(options.cqPolicy.program.onConfig, pair, 'cq', 0);
  }

  /** Time that the main loop was at work, in ns. */
  get busyNs(): number {
    return this.loop.cpuNs;
  }

  doorbell(pair: QueuePair, side: Side, value: number, nowNs: number): void {
    if (side === 'sq') {
      pair.sq.seen = value;
      this.scheduleSq(pair, nowNs);
      return;
    }
    const wasFull = freeEntries(pair.cq.seen, pair.cq.position, pair.cqDepth) === 0;
    pair.cq.seen = value;
    if (!wasFull) return;
    addOnce(this.cqScheduled, pair);
    this.wake(this.options.service.wakeNs(), nowNs);
  }

  private scheduleSq(pair: QueuePair, nowNs: number): void {
    addOnce(this.sqScheduled, pair);
    this.wake(this.options.service.wakeNs(), nowNs);
  }

  private lookAgain(pair: QueuePair, nowNs: number): void {
    if (this.lookAgainNs.get(pair) === nowNs) this.scheduleSq(pair, nowNs);
  }

  private backendReady(nowNs: number): void {
    this.takeBatch();
    this.wake(0, nowNs);
  }

  private takeBatch(): void {
    this.backendPending = false;
    this.completing = this.options.service.backendBatch(this.backend.length);
  }

  /** The loop will run after `afterNs` of its own time, unless it is at work or waking already. */
  private wake(afterNs: number, nowNs: number): void {
    if (this.loop.state === 'idle') this.options.host.begin(this.loop, afterNs, RUN, nowNs);
  }

  /** Does the loop's next piece of work, or sleeps. Fetching goes before completing, completing before posting. */
  private run(nowNs: number): void {
    const { host, lock } = this.options;
    lock.take();
    if (this.fetching !== undefined) this.fetchNext(this.fetching, nowNs);
    else if (this.sqScheduled.length > 0) this.beginFetching(this.sqScheduled.pop()!, nowNs);
    else if (this.completing > 0) this.completeNext(nowNs);
    else if (this.cqScheduled.length > 0) this.post(this.cqScheduled.pop()!, nowNs);
    else {
      lock.release(nowNs);
      if (host.backendOnLoopCore) this.workForBackend(nowNs);
    }
  }

  private spend(spentNs: number, nowNs: number, code = RUN): void {
    this.options.host.begin(this.loop, spentNs, code, nowNs);
  }

  // nvme_process_sq

  private beginFetching(pair: QueuePair, nowNs: number): void {
    this.fetching = pair;
    this.spend(this.options.policies.run(this.options.sqPolicy.program.onStart, pair, 'sq', nowNs).spentNs, nowNs);
  }

  private fetchNext(pair: QueuePair, nowNs: number): void {
    const { sqPolicy, policies, service, recorder } = this.options;
    const { sq } = pair;
    if (sq.position === sq.seen) {
      this.endFetching(pair, nowNs);
      return;
    }
    recorder.fetch(pair.qid, cidAt(pair.fetched), nowNs);
    pair.fetched += 1;
    sq.position = advance(sq.position, 1, pair.sqDepth);
    sq.inFlight += 1;
    this.backend.push(pair);
    this.spend(service.fetchNs() + policies.run(sqPolicy.program.onCommand, pair, 'sq', nowNs).spentNs, nowNs);
  }

  /** The queue is empty by what was read: publish and look again if the policy says so, else leave it. */
  private endFetching(pair: QueuePair, nowNs: number): void {
    const { clock, lock, pairs, sqPolicy, policies } = this.options;
    const { spentNs, pollNs, timerNs } = policies.run(sqPolicy.program.onEmpty, pair, 'sq', nowNs);
    if (pair.sq.position === pair.sq.seen) {
      this.fetching = undefined;
      this.awaitBackend(nowNs + spentNs);
      const lookAgainNs = nowNs + spentNs + Math.min(pollNs, timerNs);
      this.lookAgainNs.set(pair, lookAgainNs);
      if (lookAgainNs < Infinity) clock.at(lookAgainNs, this.actor, TIMER + pairs.indexOf(pair));
      lock.release(nowNs);
    }
    this.spend(spentNs, nowNs);
  }

  // Backend and completions

  /** The loop has nothing to do but to wait: its core is the backend's. */
  private workForBackend(nowNs: number): void {
    if (this.backendPending || this.backend.length === 0) return;
    this.backendPending = true;
    this.spend(this.options.service.backendNs(this.backend.length), nowNs, WORKED);
  }

  private awaitBackend(nowNs: number): void {
    const { clock, host, service } = this.options;
    if (host.backendOnLoopCore) return;
    if (this.backendPending || this.completing > 0 || this.backend.length === 0) return;
    this.backendPending = true;
    clock.at(nowNs + service.backendNs(this.backend.length), this.actor, BACKEND);
  }

  private completeNext(nowNs: number): void {
    const { service, recorder } = this.options;
    const pair = this.backend.shift()!;
    recorder.complete(pair.qid, cidAt(pair.completed), nowNs);
    pair.completed += 1;
    pair.sq.inFlight -= 1;
    addOnce(this.cqScheduled, pair);
    this.completing -= 1;
    const spentNs = service.completeNs();
    this.awaitBackend(nowNs + spentNs);
    this.spend(spentNs, nowNs);
  }

  // nvme_post_cqes

  private post(pair: QueuePair, nowNs: number): void {
    const { cqPolicy, pairs, policies, service } = this.options;
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
    if (cq.position === cq.seen) this.spend(spentNs, nowNs);
    else this.spend(spentNs + service.interruptNs(), nowNs, SIGNAL + pairs.indexOf(pair));
  }

  private signal(pair: QueuePair, nowNs: number): void {
    const { interrupt, lock, recorder } = this.options;
    recorder.interrupt(pair.qid, nowNs);
    interrupt(pair, nowNs);
    lock.release(nowNs);
  }
}

function addOnce(pairs: QueuePair[], pair: QueuePair): void {
  if (!pairs.includes(pair)) pairs.push(pair);
}
