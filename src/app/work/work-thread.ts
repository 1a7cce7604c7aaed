// A thread that works off orders, one at a time, and is ended when code of the user's doesn't come back.
// Started from the build only: Node can't run work-worker.ts as TypeScript.

import { type ResourceLimits, Worker } from 'node:worker_threads';
import { ensure, unreachable } from '../../base/assert.js';
import { errorOf } from '../decode-messages.js';
import { ownPolicyError } from '../own/error.js';
import { CALL_LIMIT_MS, Watcher, watchMemory } from '../own/watch.js';
import type { Answer, Order, WorkMessage, WorkerStart } from './orders.js';

const WATCH_INTERVAL_MS = 200;

interface Pending {
  readonly order: Order;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class WorkThread {
  private worker: Worker | undefined;
  private watcher = new Watcher(watchMemory());
  private pending: Pending | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly limits: ResourceLimits;

  /** @param limits of the thread's heap; by default those of Node.js */
  constructor(limits: ResourceLimits = {}) {
    this.limits = limits;
    this.timer = setInterval(() => this.watch(), WATCH_INTERVAL_MS);
  }

  /** Works off an order. Rejects with the error that it ended in; the thread can be used on, also when that was a loop. */
  async run<O extends Order>(order: O): Promise<Answer<O>> {
    return new Promise<unknown>((resolve, reject) => {
      this.pending = { order, resolve, reject };
      this.worker ??= this.start();
      this.worker.postMessage(order, []);
    }) as Promise<Answer<O>>;
  }

  /** Ends the thread at once; what it was at is rejected. */
  end(): void {
    clearInterval(this.timer);
    this.stop(new Error('ended'));
  }

  private start(): Worker {
    const memory = watchMemory();
    this.watcher = new Watcher(memory);
    const workerData: WorkerStart = { watch: memory };
    const worker = new Worker(new URL('work-worker.js', import.meta.url), { workerData, stdout: false, resourceLimits: this.limits });
    worker.on('message', (message: WorkMessage) => this.take(message));
    worker.on('error', (error) => this.stop(error));
    worker.on('exit', () => {
      if (this.worker === worker) this.stop(this.endedError());
    });
    return worker;
  }

  private take(message: WorkMessage): void {
    switch (message.is) {
      case 'places':
        this.watcher.places = message.places;
        return;
      case 'done':
        this.settle().resolve(message.result);
        return;
      case 'failed':
        this.settle().reject(errorOf(message.failure));
        return;
      default:
        unreachable(message);
    }
  }

  private settle(): Pending {
    const pending = ensure(this.pending, 'the order that the answer belongs to');
    this.pending = undefined;
    return pending;
  }

  private watch(): void {
    const place = this.watcher.stuckAt(performance.now());
    if (place === undefined || this.pending === undefined) return;
    this.stop(ownPolicyError(specsOf(this.pending.order), `doesn't come back from ${place} within ${CALL_LIMIT_MS / 1000} s`));
  }

  private endedError(): Error {
    const specs = this.pending === undefined ? '' : specsOf(this.pending.order);
    return specs.includes('#') ? ownPolicyError(specs, 'ended the thread that it ran in') : new Error('internal error: a working thread ended without a result');
  }

  private stop(error: Error): void {
    const { worker, pending } = this;
    this.worker = undefined;
    this.pending = undefined;
    void worker?.terminate();
    pending?.reject(error);
  }
}

/** The policies of an order that are the user's own. */
function specsOf(order: Order): string {
  if (order.is !== 'cell' && order.is !== 'replay' && order.is !== 'verify') return '';
  const { policy, cqPolicy } = order.is === 'cell' ? order.order : order.options;
  return [policy, cqPolicy].filter((spec) => spec?.includes('#') === true).join(' or ');
}
