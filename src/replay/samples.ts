// Lists of observations, of bounded length: a replay draws from them, and a quarter of a million values say what more would.

/** Values that a list keeps at most. Recordings of up to as many commands are taken in full. */
export const MAX_SAMPLES = 2 ** 18;

/** Keeps what is pushed; once it is full every second one of all that came, then every fourth, and so on: evenly over the recording, in its order. */
export class Samples<T> {
  readonly kept: T[] = [];
  private seen = 0;
  private every = 1;
  private readonly most: number;

  /** @param most values kept at most, an even number */
  constructor(most = MAX_SAMPLES) {
    this.most = most;
  }

  push(value: T): void {
    if (this.seen++ % this.every !== 0) return;
    this.kept.push(value);
    if (this.kept.length < this.most) return;
    for (let i = 0; i < this.most / 2; i++) this.kept[i] = this.kept[2 * i]!;
    this.kept.length = this.most / 2;
    this.every *= 2;
  }

  /** Takes the last value that was pushed back. */
  takeBack(): void {
    this.seen -= 1;
    if (this.seen % this.every === 0) this.kept.pop();
  }
}
