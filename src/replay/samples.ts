// Lists of observations, of bounded length: a replay draws from them, and some thousands of values say what more would. Such lists also
// stay in a core's cache, where drawing from them takes a fraction of the time.

import { Rng } from '../base/rng.js';

/** Values that a list keeps at most. Recordings of up to as many commands are taken in full. */
export const MAX_SAMPLES = 2 ** 14;

/**
 * Keeps what is pushed; once it is full, one of every two that came, then one of every four, and so on: evenly over the recording, in its order. Which one of them is
 * drawn by lot, since recordings repeat themselves, and every sixteenth observation may be the first one of a batch. The lot hangs on how many were pushed alone, so that
 * two lists to which is pushed together keep the same places.
 */
export class Samples<T> {
  readonly kept: T[] = [];
  private readonly most: number;
  private readonly rng = new Rng(0, 'samples');
  private seen = 0;
  private every = 1;
  /** Which of the `every` values at hand is kept. */
  private lot = 0;

  /** @param most values kept at most, an even number */
  constructor(most = MAX_SAMPLES) {
    this.most = most;
  }

  push(value: T): void {
    const at = this.seen++ % this.every;
    if (at === 0 && this.every > 1) this.lot = this.rng.below(this.every);
    if (at !== this.lot) return;
    this.kept.push(value);
    if (this.kept.length === this.most) this.halve();
  }

  /** Takes the last value that was pushed back. */
  takeBack(): void {
    this.seen -= 1;
    if (this.seen % this.every === this.lot) this.kept.pop();
  }

  private halve(): void {
    const half = this.most / 2;
    let second = 0;
    for (let i = 0; i < half; i++) {
      second = this.rng.below(2);
      this.kept[i] = this.kept[2 * i + second]!;
    }
    this.kept.length = half;
    // The value pushed last is in the second half of what is now one stretch, and may still be taken back if it stayed.
    this.lot = second === 1 ? this.every + this.lot : 2 * this.every;
    this.every *= 2;
  }
}
