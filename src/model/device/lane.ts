// One thread of the device with the queues that it serves.
//
//   doorbell, or a look of a poller -> Fetcher -> Backend -> Poster -> interrupt

import type { Clock } from '../clock.js';
import type { Costs } from '../costs.js';
import type { Hazards } from '../hazards.js';
import type { Host } from '../host.js';
import type { DeviceLock } from '../lock.js';
import type { QueuePair } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { Transport } from '../transport.js';
import { Backend } from './backend.js';
import type { DeviceModel } from './device.js';
import type { Executor, Turns } from './executor.js';
import { Fetcher } from './fetcher.js';
import { MainLoop, type MainLoopOptions } from './main-loop.js';
import { Poller } from './poller.js';
import { Poster } from './poster.js';
import type { PolicyRunner } from './queue-side.js';
import { Worker } from './worker.js';

/** What all of a device's threads share. */
export interface DeviceOptions {
  readonly model: DeviceModel;
  readonly clock: Clock;
  /** Where its threads run. */
  readonly host: Host;
  readonly lock: DeviceLock;
  readonly transport: Transport;
  readonly pairs: readonly QueuePair[];
  readonly policies: PolicyRunner;
  readonly service: ServiceTimes;
  readonly costs: Costs;
  readonly recorder: Recorder;
  readonly hazards: Hazards;
  /** The device signals a pair's CQ. */
  readonly interrupt: (pair: QueuePair, nowNs: number) => void;
  /** The device posted a completion to a pair's CQ. */
  readonly posted: (pair: QueuePair, nowNs: number) => void;
  /** Whether anybody has work left: who looks again by a policy's wish rests when nobody has. */
  readonly isWorkLeft: () => boolean;
}

export class Lane {
  readonly executor: Executor;
  readonly fetcher: Fetcher;
  readonly poster: Poster;
  private readonly model: DeviceModel;
  private readonly tellPosted: DeviceOptions['posted'];
  private readonly backend: Backend;

  /** @param options with the queues of this thread alone */
  constructor(options: DeviceOptions) {
    const { clock, costs, hazards, host, interrupt, isWorkLeft, lock, model, pairs, policies, recorder, service, transport } = options;
    this.model = model;
    this.tellPosted = options.posted;
    const onExecutorCore = host.backendOnLoopCore && model.pollNs === undefined;
    const idle = onExecutorCore ? (nowNs: number): void => this.backend.workOnExecutorCore(nowNs) : (): void => {};
    const { executor, turns } = threadOf(model, { clock, costs, extraWakeNs: transport.wakeNs ?? 0, host, idle, lock, service });
    const backend = new Backend({ clock, costs, executor, onExecutorCore, pairs, recorder, service, completed: (pair, nowNs, doneNs) => this.completed(pair, nowNs, doneNs) });
    this.executor = executor;
    this.backend = backend;
    this.fetcher = new Fetcher({ backend, clock, executor, hazards, isWorkLeft, model, pairs, policies, recorder, service, turns });
    this.poster = new Poster({ clock, executor, interrupt, isWorkLeft, model, pairs, policies, recorder, service, turns, posted: (pair, nowNs) => this.posted(pair, nowNs) });
  }

  /** The CQ head has moved, as far as the device knows. */
  headMoved(pair: QueuePair, wasFull: boolean, nowNs: number): void {
    const { fetcher, model, poster } = this;
    if (wasFull || poster.isFull(pair)) poster.schedule(pair, nowNs);
    const lack = fetcher.lackOf(pair);
    const notices = lack === 'a CQ entry' || (lack === 'a request' && wasFull && model.freesRequests === 'posted, noticed by a CQ doorbell');
    if (notices) fetcher.schedule(pair, nowNs);
  }

  /** The driver stored a shadow doorbell: a thread that polls, or that kicks itself because a CQ was full, finds it at its next look. */
  stored(pair: QueuePair, side: 'sq' | 'cq', nowNs: number): void {
    const { executor, fetcher, model, poster } = this;
    if (side === 'sq') {
      if (executor.polls) fetcher.schedule(pair, nowNs);
      else fetcher.stored(pair, nowNs);
      return;
    }
    poster.stored(pair, nowNs);
    if (!executor.polls && model.kicksItself !== true) return;
    if (poster.isFull(pair)) poster.schedule(pair, nowNs);
    if (fetcher.lackOf(pair) === 'a CQ entry') fetcher.schedule(pair, nowNs);
  }

  /** Time that policies made it poll in vain until now, in ns. */
  pollingNs(nowNs: number): number {
    return Math.max(this.fetcher.pollingNs(nowNs), this.poster.pollingNs(nowNs));
  }

  reset(nowNs: number): void {
    this.fetcher.reset(nowNs);
    this.poster.reset(nowNs);
  }

  private completed(pair: QueuePair, nowNs: number, doneNs: number): number {
    this.poster.enqueue(pair, doneNs);
    if (this.model.freesRequests === 'completed') this.fetcher.found(pair, 'a request');
    return this.fetcher.completed(pair, nowNs);
  }

  private posted(pair: QueuePair, nowNs: number): void {
    if (this.model.freesRequests === 'posted') this.fetcher.found(pair, 'a request');
    this.tellPosted(pair, nowNs);
  }
}

/** The device's thread, and how its queue sides get their turn. */
function threadOf({ pollNs, sideTimerNs, threads }: DeviceModel, options: MainLoopOptions): { readonly executor: Executor; readonly turns: Turns } {
  if (threads === 'main loop') {
    const loop = new MainLoop(options);
    return { executor: loop, turns: sideTimerNs === undefined ? loop : loop.timed(sideTimerNs) };
  }
  const executor = pollNs === undefined ? new Worker(options) : new Poller(options.clock, pollNs);
  return { executor, turns: executor };
}
