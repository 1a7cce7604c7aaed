// QEMU's emulated NVMe controller: one thread, the main loop, serves all queues. [QEMU-10.0 hw/nvme/ctrl.c]
//
//   doorbell -> schedules the SQ's bottom half -> the loop wakes
//   bottom half (nvme_process_sq): fetch until the queue is empty, policy steps behind the issue of each command
//   backend batch: commands complete, each is put on its CQ's waiting list (nvme_enqueue_req_completion)
//   bottom half of the CQ (nvme_post_cqes): policy steps and one CQE each, then one interrupt
//
// Commands complete in fetch order, but for special ones, which take their own time.
// Request slots equal the SQ's entries, so a driver that leaves one entry free never runs out of them.

import type { Side } from '../../nvme/doorbell.js';
import { advance, freeEntries } from '../../nvme/ring.js';
import type { BusTarget } from '../bus.js';
import type { Clock } from '../clock.js';
import type { Costs } from '../costs.js';
import type { Host } from '../host.js';
import type { DeviceLock } from '../lock.js';
import type { CqPolicy, SqPolicy } from '../policy/policy.js';
import { type QueuePair, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import { type BottomHalf, MainLoop } from './main-loop.js';
import { LookAgain } from './look-again.js';
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
  readonly costs: Costs;
  readonly recorder: Recorder;
  /** The device signals a pair's CQ. */
  readonly interrupt: (pair: QueuePair, nowNs: number) => void;
  /** The device posted a completion to a pair's CQ. */
  readonly posted: (pair: QueuePair, nowNs: number) => void;
  /** Whether anybody has work left. */
  readonly isWorkLeft: () => boolean;
}

// Messages from the clock: a backend batch is ready, or a special command of the pair at place (message - SPECIAL) is done.
const BACKEND = 0;
const SPECIAL = 1;

export class QemuDevice implements BusTarget {
  private readonly options: QemuOptions;
  private readonly loop: MainLoop;
  private readonly actor: number;
  private readonly fetchOf: ReadonlyMap<QueuePair, BottomHalf>;
  private readonly postOf: ReadonlyMap<QueuePair, BottomHalf>;
  private readonly complete: BottomHalf = (nowNs) => this.completeNext(nowNs);
  /** Commands in the backend, oldest first, by their queue. */
  private readonly backend: QueuePair[] = [];
  private backendPending = false;
  /** Special commands that are done and not yet completed, by their queue. */
  private readonly special: QueuePair[] = [];
  /** Commands of the current backend batch that are still to be completed. */
  private completing = 0;
  private readonly sqLook: LookAgain;
  private readonly cqLook: LookAgain;

  constructor(options: QemuOptions) {
    this.options = options;
    const { clock, host, pairs, policies } = options;
    this.fetchOf = new Map(pairs.map((pair) => [pair, (nowNs) => this.beginFetching(pair, nowNs)]));
    this.postOf = new Map(pairs.map((pair) => [pair, (nowNs) => this.post(pair, nowNs)]));
    const idle = host.backendOnLoopCore ? (nowNs: number): void => this.workForBackend(nowNs) : (): void => {};
    this.loop = new MainLoop({ ...options, idle });
    this.actor = clock.addActor((message, nowNs) => {
      if (message === BACKEND) this.takeBatch(nowNs);
      else this.specialDone(pairs[message - SPECIAL]!, nowNs);
    });
    const looking = { ...options, busyNs: () => this.loop.busyNs };
    const look = (half: BottomHalf, nowNs: number, awake: boolean): void => (awake ? this.loop.goOn(half, nowNs) : this.loop.schedule(half, nowNs));
    this.sqLook = new LookAgain({ ...looking, look: (pair, nowNs, awake) => look(this.fetchOf.get(pair)!, nowNs, awake), isNews: (pair) => policies.isNews(pair, 'sq') });
    this.cqLook = new LookAgain({ ...looking, look: (pair, nowNs, awake) => look(this.postOf.get(pair)!, nowNs, awake), isNews: (pair) => policies.isNews(pair, 'cq') });
    for (const pair of pairs) policies.run(options.cqPolicy.program.onConfig, pair, 'cq', 0);
  }

  /** Time that the main loop was at work, in ns. */
  get busyNs(): number {
    return this.loop.busyNs;
  }

  /** Time that it spent polling for nothing until now, in ns; beside `busyNs`. */
  pollingNs(nowNs: number): number {
    return Math.max(this.sqLook.pollingNs(nowNs), this.cqLook.pollingNs(nowNs));
  }

  /** The driver stored a new value in a shadow doorbell: who polls finds it. */
  stored(pair: QueuePair, side: Side, nowNs: number): void {
    (side === 'sq' ? this.sqLook : this.cqLook).stored(pair, nowNs);
  }

  doorbell(pair: QueuePair, side: Side, value: number, nowNs: number): void {
    if (side === 'sq') {
      pair.sq.seen = value;
      this.loop.schedule(this.fetchOf.get(pair)!, nowNs);
      return;
    }
    const wasFull = freeEntries(pair.cq.seen, pair.cq.position, pair.cqDepth) === 0;
    pair.cq.seen = value;
    if (wasFull) this.loop.schedule(this.postOf.get(pair)!, nowNs);
  }

  kickNs(side: Side, nowNs: number): number {
    return side === 'sq' && !this.sqLook.isPolling ? this.loop.kickNs(nowNs) : 0;
  }

  // nvme_process_sq

  private beginFetching(pair: QueuePair, nowNs: number): void {
    const { policies, sqPolicy } = this.options;
    this.sqLook.begun(pair, nowNs);
    const { spentNs, stops } = policies.run(sqPolicy.program.onStart, pair, 'sq', nowNs);
    if (stops) this.leave(spentNs, nowNs);
    else this.loop.spend(spentNs, nowNs, (thenNs) => this.fetchNext(pair, thenNs));
  }

  private fetchNext(pair: QueuePair, nowNs: number): void {
    const { service, recorder } = this.options;
    const { sq } = pair;
    if (sq.position === sq.seen) {
      this.endFetching(pair, nowNs);
      return;
    }
    recorder.fetch(pair.qid, cidAt(pair.fetched), nowNs);
    pair.fetched += 1;
    sq.position = advance(sq.position, 1, pair.sqDepth);
    sq.inFlight += 1;
    this.issue(pair, nowNs);
    this.loop.spend(service.fetchNs(), nowNs, (thenNs) => this.issued(pair, thenNs));
  }

  private issue(pair: QueuePair, nowNs: number): void {
    const { clock, costs, pairs, service } = this.options;
    const opcode = pair.special.get(pair.fetched - 1);
    if (opcode === undefined || service.specialNs === undefined) {
      this.backend.push(pair);
      return;
    }
    pair.special.delete(pair.fetched - 1);
    const doneNs = nowNs + Math.max(service.specialNs(opcode) - costs.dispatchNs, 0);
    clock.at(doneNs, this.actor, SPECIAL + pairs.indexOf(pair));
  }

  /** The policy's steps follow the issue of a command. */
  private issued(pair: QueuePair, nowNs: number): void {
    const { policies, sqPolicy } = this.options;
    const { spentNs, stops } = policies.run(sqPolicy.program.onCommand, pair, 'sq', nowNs);
    if (stops) {
      this.leave(spentNs, nowNs);
      return;
    }
    if (spentNs === 0) {
      this.fetchNext(pair, nowNs);
      return;
    }
    this.loop.spend(spentNs, nowNs, (thenNs) => this.fetchNext(pair, thenNs));
  }

  /** The queue is empty by what was read: publish and look again if the policy says so, else leave it. */
  private endFetching(pair: QueuePair, nowNs: number): void {
    const { sqPolicy, policies } = this.options;
    const outcome = policies.run(sqPolicy.program.onEmpty, pair, 'sq', nowNs);
    const { spentNs } = outcome;
    if (pair.sq.position !== pair.sq.seen) {
      this.loop.spend(spentNs, nowNs, (thenNs) => this.fetchNext(pair, thenNs));
      return;
    }
    this.sqLook.wait(pair, outcome, nowNs + spentNs);
    this.leave(spentNs, nowNs);
  }

  private leave(spentNs: number, nowNs: number): void {
    this.awaitBackend(nowNs + spentNs);
    this.loop.end(spentNs, nowNs);
  }

  // Backend and completions

  /** The loop has nothing to do but to wait: its core is the backend's. */
  private workForBackend(nowNs: number): void {
    if (this.backendPending || this.backend.length === 0) return;
    this.backendPending = true;
    this.loop.spend(this.backendNs(), nowNs, (thenNs) => {
      this.takeBatch(thenNs);
      this.loop.spend(0, thenNs);
    });
  }

  private takeBatch(nowNs: number): void {
    this.backendPending = false;
    this.completing = this.options.service.backendBatch(this.backend.length);
    this.loop.enqueue(this.complete);
    this.loop.begin(nowNs);
  }

  private specialDone(pair: QueuePair, nowNs: number): void {
    this.special.push(pair);
    this.loop.enqueue(this.complete);
    this.loop.begin(nowNs);
  }

  private awaitBackend(nowNs: number): void {
    const { clock, host } = this.options;
    if (host.backendOnLoopCore) return;
    if (this.backendPending || this.completing > 0 || this.backend.length === 0) return;
    this.backendPending = true;
    clock.at(nowNs + this.backendNs(), this.actor, BACKEND);
  }

  /** From now until the loop, woken by the backend, takes the lock. */
  private backendNs(): number {
    const { costs, service } = this.options;
    return Math.max(service.backendNs(this.backend.length) - costs.dispatchNs, 0);
  }

  private completeNext(nowNs: number): void {
    const { policies, service, recorder, sqPolicy } = this.options;
    // What was done while the last run was at it, that took along.
    if (this.completing + this.special.length === 0) {
      this.loop.end(0, nowNs);
      return;
    }
    const special = this.special.shift();
    const pair = special ?? this.backend.shift()!;
    recorder.complete(pair.qid, cidAt(pair.completed), nowNs);
    pair.completed += 1;
    pair.sq.inFlight -= 1;
    this.loop.enqueue(this.postOf.get(pair)!);
    if (special === undefined) this.completing -= 1;
    const { onComplete } = sqPolicy.program;
    const policy = onComplete === undefined ? undefined : policies.run(onComplete, pair, 'sq', nowNs);
    if (policy?.looks === true) this.loop.enqueue(this.fetchOf.get(pair)!);
    const spentNs = service.completeNs() + (policy?.spentNs ?? 0);
    if (this.completing + this.special.length > 0) {
      this.loop.spend(spentNs, nowNs, this.complete);
      return;
    }
    this.awaitBackend(nowNs + spentNs);
    this.loop.end(spentNs, nowNs);
  }

  // nvme_post_cqes

  /** Posts what waits, one CQE at a time where that takes time, then signals. */
  private post(pair: QueuePair, nowNs: number): void {
    const { cqPolicy, policies, posted, service } = this.options;
    const { cq } = pair;
    let spentNs = 0;
    this.cqLook.begun(pair, nowNs);
    while (pair.posted < pair.completed) {
      spentNs = policies.run(cqPolicy.program.onPost, pair, 'cq', nowNs).spentNs;
      if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) {
        const outcome = policies.run(cqPolicy.program.onFull, pair, 'cq', nowNs);
        spentNs += outcome.spentNs;
        if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) {
          this.cqLook.wait(pair, outcome, nowNs + spentNs);
          break;
        }
      }
      cq.position = advance(cq.position, 1, pair.cqDepth);
      pair.posted += 1;
      posted(pair, nowNs);
      if (spentNs > 0 && pair.posted < pair.completed) {
        this.loop.spend(spentNs, nowNs, this.postOf.get(pair));
        return;
      }
    }
    if (cq.position === cq.seen) {
      this.loop.end(spentNs, nowNs);
      return;
    }
    this.loop.spend(spentNs + service.interruptNs(), nowNs, (thenNs) => this.signal(pair, thenNs));
  }

  private signal(pair: QueuePair, nowNs: number): void {
    const { interrupt, recorder } = this.options;
    if (!pair.polled) {
      recorder.interrupt(pair.qid, nowNs);
      interrupt(pair, nowNs);
      this.loop.signal();
    }
    this.loop.end(0, nowNs);
  }
}
