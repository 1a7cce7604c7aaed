// Completion queues as one thread of the device serves them.
//
//   pass: onPost and one CQE each, until nothing waits or the queue is full; an interrupt per pass or per CQE
//
// What is left when a queue is full waits until the driver rings, or until the thread looks again by itself.

import { advance, freeEntries } from '../../nvme/ring.js';
import type { Clock } from '../clock.js';
import { type QueuePair, byPlace } from '../queue-pair.js';
import type { Recorder } from '../recorder.js';
import type { ServiceTimes } from '../service.js';
import type { DeviceModel } from './device.js';
import type { Executor, Task, Turns } from './executor.js';
import { LookAgain } from './look-again.js';
import type { PolicyRunner } from './queue-side.js';

export interface PosterOptions {
  readonly model: DeviceModel;
  readonly clock: Clock;
  readonly pairs: readonly QueuePair[];
  readonly policies: PolicyRunner;
  readonly service: ServiceTimes;
  readonly recorder: Recorder;
  readonly executor: Executor;
  /** How work that comes to a queue gets its turn. */
  readonly turns: Turns;
  /** The device signals a pair's CQ. */
  readonly interrupt: (pair: QueuePair, nowNs: number) => void;
  /** The device posted a completion to a pair's CQ. */
  readonly posted: (pair: QueuePair, nowNs: number) => void;
  /** Whether anybody has work left. */
  readonly isWorkLeft: () => boolean;
}

/** What adaptive interrupts remember of a CQ. */
interface Look {
  /** The head that the last look found, and the tail up to which was signalled. */
  head: number;
  signalled: number;
  pending: boolean;
}

/** What the thread does for one queue: a pass over it, and the signals that take time. */
interface QueueTasks {
  readonly post: Task;
  readonly signalOne: Task;
  readonly signalPass: Task;
}

export class Poster {
  private readonly options: PosterOptions;
  private readonly actor: number;
  /** By the pair's place, as is whether its CQ is full, and what adaptive interrupts remember. */
  private readonly tasks: readonly QueueTasks[];
  private readonly full: boolean[] = [];
  private readonly looks: (Look | undefined)[] = [];
  private readonly again: LookAgain;

  constructor(options: PosterOptions) {
    this.options = options;
    const { clock, executor, isWorkLeft, pairs, policies } = options;
    this.tasks = byPlace(pairs, (pair) => ({
      post: (nowNs) => this.post(pair, nowNs),
      signalOne: (nowNs) => this.signalOne(pair, nowNs),
      signalPass: (nowNs) => this.signalPass(pair, nowNs),
    }));
    const pairAt = byPlace(pairs, (pair) => pair);
    this.actor = clock.addActor((place, nowNs) => this.lookAtHead(pairAt[place]!, nowNs));
    this.again = new LookAgain({
      clock,
      isWorkLeft,
      pairs,
      look: (pair, nowNs, awake) => executor[awake ? 'goOn' : 'schedule'](this.tasks[pair.place]!.post, nowNs),
      isNews: (pair) => policies.isNews(pair, 'cq'),
      busyNs: () => executor.busyNs,
    });
  }

  /** From within the thread: a completion waits. */
  enqueue(pair: QueuePair, nowNs: number): void {
    this.options.turns.enqueue(this.tasks[pair.place]!.post, nowNs);
  }

  /** Somebody outside says that there may be room. */
  schedule(pair: QueuePair, nowNs: number): void {
    this.options.turns.schedule(this.tasks[pair.place]!.post, nowNs);
  }

  /** Whether completions wait for room, as far as the device knows. */
  isFull(pair: QueuePair): boolean {
    return this.full[pair.place] === true;
  }

  /** The driver stored a new head: a policy that polls for room finds it. */
  stored(pair: QueuePair, nowNs: number): void {
    this.again.stored(pair, nowNs);
  }

  /** Time that policies made it poll in vain until now, in ns. */
  pollingNs(nowNs: number): number {
    return this.again.pollingNs(nowNs);
  }

  reset(nowNs: number): void {
    this.again.reset(nowNs);
    this.full.fill(false);
    this.looks.fill(undefined);
  }

  /** Posts what waits, one CQE at a time where that takes time, then signals. */
  private post(pair: QueuePair, nowNs: number): void {
    const { executor, model, policies, posted, service } = this.options;
    const { cq } = pair;
    this.full[pair.place] = false;
    this.again.begun(pair, nowNs);
    let spentNs = 0;
    while (pair.posted < pair.completed) {
      spentNs = policies.run(policies.cq.onPost, pair, 'cq', nowNs).spentNs;
      if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) {
        const outcome = policies.run(policies.cq.onFull, pair, 'cq', nowNs);
        spentNs += outcome.spentNs;
        if (freeEntries(cq.seen, cq.position, pair.cqDepth) === 0) {
          this.full[pair.place] = true;
          if (!executor.polls) this.again.wait(pair, outcome, nowNs + spentNs);
          break;
        }
      }
      cq.position = advance(cq.position, 1, pair.cqDepth);
      pair.posted += 1;
      posted(pair, nowNs);
      if (model.interrupts === 'per completion') {
        executor.spend(spentNs + service.interruptNs(), nowNs, this.tasks[pair.place]!.signalOne);
        return;
      }
      if (spentNs > 0 && pair.posted < pair.completed) {
        executor.spend(spentNs, nowNs, this.tasks[pair.place]!.post);
        return;
      }
    }
    this.endPass(pair, spentNs, nowNs);
  }

  private endPass(pair: QueuePair, spentNs: number, nowNs: number): void {
    const { executor, model, service } = this.options;
    if (pair.cq.position === pair.cq.seen || model.interrupts === 'per completion') {
      executor.end(spentNs, nowNs);
      return;
    }
    if (model.interrupts === 'adaptive') {
      this.lookLater(pair, nowNs + spentNs);
      executor.end(spentNs, nowNs);
      return;
    }
    executor.spend(spentNs + service.interruptNs(), nowNs, this.tasks[pair.place]!.signalPass);
  }

  private signalOne(pair: QueuePair, nowNs: number): void {
    this.signal(pair, nowNs);
    this.post(pair, nowNs);
  }

  private signalPass(pair: QueuePair, nowNs: number): void {
    this.signal(pair, nowNs);
    this.options.executor.end(0, nowNs);
  }

  private signal(pair: QueuePair, nowNs: number): void {
    const { executor, interrupt, recorder } = this.options;
    if (pair.polled) return;
    recorder.interrupt(pair.qid, nowNs);
    interrupt(pair, nowNs);
    executor.signal();
  }

  // Adaptive interrupts

  private lookLater(pair: QueuePair, nowNs: number): void {
    const { clock, model, policies } = this.options;
    const look = (this.looks[pair.place] ??= { head: 0, signalled: -1, pending: false });
    look.head = policies.peek(pair, 'cq');
    if (look.pending) return;
    look.pending = true;
    clock.at(nowNs + (model.pollNs ?? 0), this.actor, pair.place);
  }

  private lookAtHead(pair: QueuePair, nowNs: number): void {
    const look = this.looks[pair.place];
    if (look === undefined) return;
    look.pending = false;
    const head = this.options.policies.peek(pair, 'cq');
    const tail = pair.cq.position;
    if (head === tail || look.signalled === tail) return;
    if (head !== look.head) {
      this.lookLater(pair, nowNs);
      return;
    }
    look.signalled = tail;
    this.signal(pair, nowNs);
  }
}
