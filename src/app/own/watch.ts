// Watching code of the user's for calls that don't come back. The thread that runs it writes down in shared memory where it
// is; another one looks. A call that takes longer than the limit is taken for a loop, and its thread is ended.

/** A single step that takes longer than this is taken for a loop that never ends. */
export const CALL_LIMIT_MS = 3_000;

const CALLS = 0;
const PLACE = 1;
const CELLS = 2;

/** Shared memory for one thread: the number of calls begun and ended, odd within one; and the number of the place. */
export function watchMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
}

/** The side of the thread that runs the code. */
export class Watch {
  private readonly cells: Int32Array;
  private readonly placesOf: (places: readonly string[]) => void;
  private readonly places: string[] = [];

  /** @param placesOf tells the other side the names of the places, whenever there is a new one */
  constructor(memory: SharedArrayBuffer, placesOf: (places: readonly string[]) => void) {
    this.cells = new Int32Array(memory);
    this.placesOf = placesOf;
  }

  /** Names a place, and returns its number. */
  place(name: string): number {
    this.places.push(name);
    this.placesOf(this.places);
    return this.places.length - 1;
  }

  /** Whether a call of the user's code is going on in this thread. */
  get within(): boolean {
    return (Atomics.load(this.cells, CALLS) & 1) === 1;
  }

  /** Runs a call of the user's code. */
  run<T>(place: number, call: () => T): T {
    const { cells } = this;
    Atomics.store(cells, PLACE, place);
    Atomics.add(cells, CALLS, 1);
    try {
      return call();
    } finally {
      Atomics.add(cells, CALLS, 1);
    }
  }

  /** The same for a call that ends later. */
  async runAsync<T>(place: number, call: () => Promise<T>): Promise<T> {
    const { cells } = this;
    Atomics.store(cells, PLACE, place);
    Atomics.add(cells, CALLS, 1);
    try {
      return await call();
    } finally {
      Atomics.add(cells, CALLS, 1);
    }
  }
}

/** The other side: looks from time to time. */
export class Watcher {
  private readonly cells: Int32Array;
  private readonly limitMs: number;
  places: readonly string[] = [];
  private calls = 0;
  private sinceMs = 0;

  constructor(memory: SharedArrayBuffer, limitMs = CALL_LIMIT_MS) {
    this.cells = new Int32Array(memory);
    this.limitMs = limitMs;
  }

  /** The place of a call that has been running for longer than the limit. */
  stuckAt(nowMs: number): string | undefined {
    const calls = Atomics.load(this.cells, CALLS);
    if (calls !== this.calls || calls % 2 === 0) {
      this.calls = calls;
      this.sinceMs = nowMs;
      return undefined;
    }
    if (nowMs - this.sinceMs < this.limitMs) return undefined;
    return this.places[Atomics.load(this.cells, PLACE)] ?? 'its file';
  }
}
