// Submission queues as one thread of the device serves them.
//
//   pass: onStart -> fetch, issue, onCommand, fetch, ... -> onEmpty -> leave, if the queue is still empty by what was read
//
// The policy's steps follow the issue of a command. A pass also ends where the device lacks what a command needs; something must
// then bring it back to that queue, and what that is differs from device to device.

import { advance, freeEntries } from '../../nvme/ring.js';
import type { Clock } from '../clock.js';
import type { Hazards } from '../hazards.js';
import { type QueuePair, byPlace, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { Backend } from './backend.js';
import type { DeviceModel } from './device.js';
import type { Executor, Task, Turns } from './executor.js';
import { LookAgain } from './look-again.js';
import type { PolicyRunner } from './queue-side.js';

export interface FetcherOptions {
  readonly model: DeviceModel;
  readonly clock: Clock;
  readonly pairs: readonly QueuePair[];
  readonly policies: PolicyRunner;
  readonly service: ServiceTimes;
  readonly recorder: Recorder;
  readonly hazards: Hazards;
  readonly executor: Executor;
  /** How work that comes to a queue gets its turn. */
  readonly turns: Turns;
  readonly backend: Backend;
  /** Whether anybody has work left. */
  readonly isWorkLeft: () => boolean;
}

/** What a queue that wasn't drained waits for. */
type Lack = 'a request' | 'a CQ entry';

/** What the thread does for one queue: a pass over it, and within that the steps that take time. */
interface QueueTasks {
  readonly begin: Task;
  readonly fetchNext: Task;
  readonly issued: Task;
}

export class Fetcher {
  private readonly options: FetcherOptions;
  /** By the pair's place, as is what it lacks. */
  private readonly tasks: readonly QueueTasks[];
  private readonly lacks: (Lack | undefined)[] = [];
  /** Commands that the pass at hand has fetched. */
  private inPass = 0;
  /** What the policy's steps behind the last fetch took, in ns. */
  private stepsNs = 0;
  private readonly again: LookAgain;

  constructor(options: FetcherOptions) {
    this.options = options;
    const { clock, executor, isWorkLeft, pairs, policies } = options;
    this.tasks = byPlace(pairs, (pair) => ({
      begin: (nowNs) => this.beginPass(pair, nowNs),
      fetchNext: (nowNs) => this.fetchNext(pair, nowNs),
      issued: (nowNs) => this.issued(pair, nowNs),
    }));
    this.again = new LookAgain({
      clock,
      isWorkLeft,
      pairs,
      look: (pair, nowNs, awake) => executor[awake ? 'goOn' : 'schedule'](this.tasks[pair.place]!.begin, nowNs),
      isNews: (pair) => policies.isNews(pair, 'sq'),
      busyNs: () => executor.busyNs,
    });
  }

  /** Somebody outside says that there may be work. */
  schedule(pair: QueuePair, nowNs: number): void {
    this.options.turns.schedule(this.tasks[pair.place]!.begin, nowNs);
  }

  /** The driver stored a new tail: a policy that polls finds it. */
  stored(pair: QueuePair, nowNs: number): void {
    this.again.stored(pair, nowNs);
  }

  /** A command was completed: the policy may want a pass. Returns the time that its steps took, in ns. */
  completed(pair: QueuePair, nowNs: number): number {
    const { executor, policies } = this.options;
    const { looks, spentNs } = policies.run(policies.sq.onComplete, pair, 'sq', nowNs);
    if (looks) executor.enqueue(this.tasks[pair.place]!.begin);
    return spentNs;
  }

  /** Whether a policy keeps the thread awake. */
  get isPolling(): boolean {
    return this.again.isPolling;
  }

  /** Time that policies made it poll in vain until now, in ns. */
  pollingNs(nowNs: number): number {
    return this.again.pollingNs(nowNs);
  }

  /** What a queue waits for beside commands. */
  lackOf(pair: QueuePair): Lack | undefined {
    return this.lacks[pair.place];
  }

  /** From within the thread: goes on with a queue that lacked it. */
  found(pair: QueuePair, what: Lack): void {
    if (this.lacks[pair.place] !== what) return;
    this.lacks[pair.place] = undefined;
    this.options.executor.enqueue(this.tasks[pair.place]!.begin);
  }

  /** The controller was reset: what was asked for before counts no more. */
  reset(nowNs: number): void {
    this.lacks.fill(undefined);
    this.again.reset(nowNs);
  }

  private beginPass(pair: QueuePair, nowNs: number): void {
    const { executor, policies } = this.options;
    this.inPass = 0;
    this.again.begun(pair, nowNs);
    // A queue with no request left isn't even looked at.
    if (this.requestsLeft(pair) <= 0) {
      this.leave(pair, 'a request', 0, nowNs);
      return;
    }
    const { spentNs, stops } = policies.run(policies.sq.onStart, pair, 'sq', nowNs);
    if (stops) this.leave(pair, undefined, spentNs, nowNs);
    else executor.spend(spentNs, nowNs, this.tasks[pair.place]!.fetchNext);
  }

  private fetchNext(pair: QueuePair, nowNs: number): void {
    const { executor, hazards, model, recorder, service } = this.options;
    const { sq } = pair;
    if (sq.position === sq.seen) {
      this.endPass(pair, nowNs);
      return;
    }
    if (this.requestsLeft(pair) <= 0) {
      this.leave(pair, 'a request', 0, nowNs);
      return;
    }
    if (model.reservesCqEntries === true && !this.hasCqEntry(pair, nowNs)) {
      this.leave(pair, 'a CQ entry', 0, nowNs);
      return;
    }
    if (this.inPass === model.burst) {
      executor.enqueue(this.tasks[pair.place]!.begin);
      executor.end(0, nowNs);
      return;
    }
    this.inPass += 1;
    const spentNs = service.workers?.fetchNs(this.inPass === 1, this.stepsNs) ?? service.fetchNs();
    const filled = pair.fetched < pair.submitted && sq.position === (pair.fetched - pair.startedAt) % pair.sqDepth;
    sq.position = advance(sq.position, 1, pair.sqDepth);
    if (!filled) {
      // The tail that it read was never meant: what is there belongs to nobody, and nobody waits for its completion.
      hazards.add('entry fetched that was never filled', pair.qid, nowNs);
    } else {
      recorder.fetch(pair.qid, cidAt(pair.fetched), nowNs);
      pair.fetched += 1;
      sq.inFlight += 1;
      this.options.backend.issue(pair, nowNs);
    }
    executor.spend(spentNs, nowNs, this.tasks[pair.place]!.issued);
  }

  private requestsLeft(pair: QueuePair): number {
    const { freesRequests, requests } = this.options.model;
    if (requests === undefined) return Infinity;
    return requests(pair.sqDepth) - (pair.fetched - (freesRequests === 'completed' ? pair.completed : pair.posted));
  }

  /** Whether the CQ has room for one more than what is under way to it, by another look if need be, and as the policy of a full CQ says. */
  private hasCqEntry(pair: QueuePair, nowNs: number): boolean {
    const { policies } = this.options;
    const { cq } = pair;
    const room = (): boolean => freeEntries(cq.seen, cq.position, pair.cqDepth) > pair.fetched - pair.posted;
    if (room()) return true;
    policies.run(policies.look, pair, 'cq', nowNs);
    if (room()) return true;
    policies.run(policies.cq.onFull, pair, 'cq', nowNs);
    return room();
  }

  private issued(pair: QueuePair, nowNs: number): void {
    const { executor, policies } = this.options;
    const { spentNs, stops } = policies.run(policies.sq.onCommand, pair, 'sq', nowNs);
    this.stepsNs = spentNs;
    if (stops) {
      this.leave(pair, undefined, spentNs, nowNs);
      return;
    }
    if (spentNs === 0) {
      this.fetchNext(pair, nowNs);
      return;
    }
    executor.spend(spentNs, nowNs, this.tasks[pair.place]!.fetchNext);
  }

  /** The queue is empty by what was read: publish and look again if the policy says so, else leave it. */
  private endPass(pair: QueuePair, nowNs: number): void {
    const { executor, policies } = this.options;
    const outcome = policies.run(policies.sq.onEmpty, pair, 'sq', nowNs);
    const { spentNs } = outcome;
    if (pair.sq.position !== pair.sq.seen) {
      executor.spend(spentNs, nowNs, this.tasks[pair.place]!.fetchNext);
      return;
    }
    // A poller looks again anyway.
    if (!executor.polls) this.again.wait(pair, outcome, nowNs + spentNs);
    this.leave(pair, undefined, spentNs, nowNs);
  }

  private leave(pair: QueuePair, lack: Lack | undefined, spentNs: number, nowNs: number): void {
    const { backend, executor } = this.options;
    if (lack !== undefined) this.lacks[pair.place] = lack;
    backend.await(nowNs + spentNs);
    executor.end(spentNs, nowNs);
  }
}
