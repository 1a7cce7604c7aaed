// Several working threads that share lists of jobs.

import type { ResourceLimits } from 'node:worker_threads';
import { interruptedError } from '../interrupt.js';
import { WorkThread } from './work-thread.js';

export class Crew {
  private readonly threads: readonly WorkThread[];
  private readonly signal: AbortSignal | undefined;

  /**
   * @param signal ends all threads at once when it is aborted
   * @param limits see WorkThread
   */
  constructor(size: number, signal: AbortSignal | undefined, limits?: ResourceLimits) {
    this.threads = Array.from({ length: size }, () => new WorkThread(limits));
    this.signal = signal;
    signal?.addEventListener('abort', () => this.end());
  }

  /** Has all threads do something, one after the other for each. */
  async each(work: (thread: WorkThread) => Promise<unknown>): Promise<void> {
    await Promise.all(this.threads.map(work));
  }

  /** Works off the jobs in their order, as many at a time as there are threads. A failure ends it. */
  async work<T>(jobs: readonly T[], work: (job: T, thread: WorkThread) => Promise<void>): Promise<void> {
    const left = jobs.values();
    const failures: unknown[] = [];
    await this.each(async (thread) => {
      for (const job of left) {
        if (this.signal?.aborted === true || failures.length > 0) return;
        try {
          await work(job, thread);
        } catch (error) {
          failures.push(error);
        }
      }
    });
    if (this.signal?.aborted === true) throw interruptedError('what was done is kept, and the same command goes on from there');
    if (failures.length > 0) throw failures[0];
  }

  end(): void {
    for (const thread of this.threads) thread.end();
  }
}
