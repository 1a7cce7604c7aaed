// State per doorbell or command, made when first asked for, and no more of them than a trace of honest size needs.

/** Entries at most. */
export const MAX_KEYS = 16_384;

export class PerKey<K, T> {
  private readonly entries = new Map<K, T>();
  private readonly make: (key: K) => T;

  constructor(make: (key: K) => T) {
    this.make = make;
  }

  /** The state of `key`; undefined when it would be one too many. */
  at(key: K): T | undefined {
    let state = this.entries.get(key);
    if (state === undefined && this.entries.size < MAX_KEYS) {
      state = this.make(key);
      this.entries.set(key, state);
    }
    return state;
  }

  /** All states, in the order in which they were made. */
  values(): Iterable<T> {
    return this.entries.values();
  }
}

/** A doorbell as one number. */
export function doorbellKey(controller: number, queue: number, side: number): number {
  return (controller * 65_536 + queue) * 2 + side;
}

/** The doorbell of a number. */
export function doorbellOf(key: number): { readonly controller: number; readonly queue: number; readonly side: number } {
  const queue = Math.floor(key / 2) % 65_536;
  return { controller: Math.floor(key / 131_072), queue, side: key % 2 };
}
