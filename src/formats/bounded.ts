// Runs foreign algorithms that may not come back on hostile input: a regular expression that backtracks without end,
// a decompressor that loops. Node can end a running computation only from a script with a timeout; the script here
// is one constant call, so nothing of the input is ever compiled. Costs some 100 us a call: give it much to do.

import { createContext, Script } from 'node:vm';

/** The work was ended because it took longer than it may. What it worked on is in an unknown state. */
export class TookTooLong extends Error {
  readonly limitMs: number;

  constructor(limitMs: number, cause: unknown) {
    super(`took longer than ${limitMs} ms`, { cause });
    this.name = 'TookTooLong';
    this.limitMs = limitMs;
  }
}

/** Runs synchronous work within a time limit. */
export class BoundedRunner {
  private readonly limitMs: number;
  private readonly globals: { work: () => void } = { work: () => {} };
  private readonly context = createContext(this.globals);
  private readonly call = new Script('work()');

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Does the work, or throws TookTooLong; what the work throws comes through. */
  run(work: () => void): void {
    this.globals.work = work;
    try {
      this.call.runInContext(this.context, { timeout: this.limitMs });
    } catch (error) {
      throw isTimeout(error) ? new TookTooLong(this.limitMs, error) : error;
    } finally {
      this.globals.work = () => {};
    }
  }
}

/** By its code: the error may come from another realm, where `Error` is another class. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
