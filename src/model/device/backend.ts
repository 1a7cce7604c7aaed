// The backend of one thread of the device: commands between issue and completion.
//
//   backend batch: commands complete in fetch order, each is put on its CQ's waiting list
//
// Where the backend's worker threads share the executor's core, what they have done while it fetched completes first; the others
// work when it sleeps. Special commands take their own time each, and so complete out of order.

import type { Clock } from '../clock.js';
import type { Costs } from '../costs.js';
import { type QueuePair, byPlace, cidAt } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { Executor, Task } from './executor.js';

export interface BackendOptions {
  readonly clock: Clock;
  readonly costs: Costs;
  readonly service: ServiceTimes;
  readonly recorder: Recorder;
  readonly pairs: readonly QueuePair[];
  readonly executor: Executor;
  /** Whether it works on the executor's core while that waits, see HostOptions.backendOnLoopCore. */
  readonly onExecutorCore: boolean;
  /** A command is completed, and waits for its CQ from `doneNs` on. Returns what the policy's steps took, in ns. */
  readonly completed: (pair: QueuePair, nowNs: number, doneNs: number) => number;
}

// Messages from the clock: a batch is ready, or a special command of the pair at place (message - SPECIAL) is done.
const BATCH = 0;
const SPECIAL = 1;

export class Backend {
  private readonly options: BackendOptions;
  private readonly actor: number;
  private readonly complete: Task = (nowNs) => this.completeNext(nowNs);
  /** Commands in it, oldest first, by their queue. */
  private readonly waiting: QueuePair[] = [];
  /** Those that a worker has done, and those that the executor knows of and completes. */
  private readonly worked: QueuePair[] = [];
  private readonly done: QueuePair[] = [];
  /** When the executor learns of the next ones that are done, in ns; Infinity when nobody waits for any. */
  private learnsAtNs = Infinity;
  /** Until the executor, which didn't sleep, gets to what was done meanwhile, in ns; 0 when nothing was. */
  private turnNs = 0;

  constructor(options: BackendOptions) {
    this.options = options;
    const pairAt = byPlace(options.pairs, (pair) => pair);
    this.actor = options.clock.addActor((message, nowNs) => {
      if (message === BATCH) this.learn(nowNs);
      else this.specialDone(pairAt[message - SPECIAL]!, nowNs);
    });
  }

  /** Takes the command that was fetched last. */
  issue(pair: QueuePair, nowNs: number): void {
    const { clock, costs, service } = this.options;
    const opcode = pair.special.size === 0 ? undefined : pair.special.get(pair.fetched - 1);
    let serviceNs: number;
    if (opcode !== undefined && service.specialNs !== undefined) {
      pair.special.delete(pair.fetched - 1);
      serviceNs = Math.max(service.specialNs(opcode) - costs.dispatchNs, 0);
    } else if (service.commandNs !== undefined) {
      serviceNs = service.commandNs(pair.qid, nowNs);
    } else {
      this.waiting.push(pair);
      // Workers take the oldest first, and go on until none is left.
      if (service.workers?.tookCore === true) this.worked.push(...this.waiting.splice(0));
      return;
    }
    clock.at(nowNs + serviceNs, this.actor, SPECIAL + pair.place);
  }

  /** The executor leaves it to work from `nowNs` on. */
  await(nowNs: number): void {
    const { clock, onExecutorCore } = this.options;
    if (onExecutorCore || this.done.length > 0 || this.waiting.length + this.worked.length === 0) return;
    if (this.worked.length > 0) {
      this.turnNs = this.options.service.workers!.doneNs();
      this.learnsAtNs = Infinity;
      this.options.executor.enqueue(this.complete);
      return;
    }
    if (this.learnsAtNs < Infinity) return;
    this.learnsAtNs = nowNs + this.untilDoneNs();
    clock.at(this.learnsAtNs, this.actor, BATCH);
  }

  /** The executor has nothing to do but to wait: its core is the backend's. */
  workOnExecutorCore(nowNs: number): void {
    if (this.learnsAtNs < Infinity || this.waiting.length + this.worked.length === 0) return;
    this.learnsAtNs = nowNs + this.untilDoneNs();
    const { executor } = this.options;
    executor.spend(this.learnsAtNs - nowNs, nowNs, (thenNs) => {
      this.takeBatch(thenNs);
      executor.spend(0, thenNs);
    });
  }

  private learn(nowNs: number): void {
    if (nowNs === this.learnsAtNs) this.takeBatch(nowNs);
  }

  private takeBatch(nowNs: number): void {
    const { executor, service } = this.options;
    this.learnsAtNs = Infinity;
    if (this.worked.length === 0) this.done.push(...this.waiting.splice(0, service.backendBatch(this.waiting.length)));
    executor.enqueue(this.complete);
    executor.begin(nowNs);
  }

  private specialDone(pair: QueuePair, nowNs: number): void {
    const { executor } = this.options;
    this.done.push(pair);
    executor.enqueue(this.complete);
    executor.begin(nowNs);
  }

  /** From now until the executor, woken by the backend, is at work. */
  private untilDoneNs(): number {
    const { costs, service } = this.options;
    const ns = this.worked.length > 0 ? service.workers!.doneNs() : service.backendNs(this.waiting.length);
    return Math.max(ns - costs.dispatchNs, 0);
  }

  private completeNext(nowNs: number): void {
    const { completed, executor, recorder, service } = this.options;
    if (this.turnNs > 0) {
      const { turnNs } = this;
      this.turnNs = 0;
      executor.spend(turnNs, nowNs, this.complete);
      return;
    }
    if (this.worked.length > 0) this.done.push(...this.worked.splice(0));
    const pair = this.done.shift();
    // What was done while the last run was at it, that took along.
    if (pair === undefined) {
      executor.end(0, nowNs);
      return;
    }
    // A pool of workers reports what they have done meanwhile in the same place; a backend that serves each command on its own has none.
    if (service.commandNs === undefined) executor.keepPlace(this.complete);
    recorder.complete(pair.qid, cidAt(pair.completed), nowNs);
    pair.completed += 1;
    pair.sq.inFlight -= 1;
    const completeNs = service.completeNs();
    const spentNs = completeNs + completed(pair, nowNs, nowNs + completeNs);
    if (this.done.length > 0) {
      executor.spend(spentNs, nowNs, this.complete);
      return;
    }
    this.await(nowNs + spentNs);
    executor.end(spentNs, nowNs);
  }
}
