// A core that the virtual machine's threads have for a part of the time only: the rest of it the host gives it to somebody else. It comes and
// goes in stretches of random lengths.

/** Mean time from one stretch with the core to the next, in ns: long against a turn on a core, short against a recording. */
const PERIOD_NS = 20_000_000;

export class SpareCore {
  private readonly share: number;
  private readonly draw: () => number;
  private there: boolean;
  private untilNs: number;

  /**
   * @param share of the time that the core is there, 0 to 1
   * @param draw a number in [0, 1), for each length of a stretch
   */
  constructor(share: number, draw: () => number) {
    this.share = share;
    this.draw = draw;
    this.there = draw() < share;
    this.untilNs = this.length();
  }

  /** Whether the core is there. The times asked for must not go back. */
  isThere(nowNs: number): boolean {
    while (nowNs >= this.untilNs) {
      this.there = !this.there;
      this.untilNs += this.length();
    }
    return this.there;
  }

  /** Exponential, so that a stretch doesn't age; at a share of 0 or 1 the other kind has no length, and this one no end. */
  private length(): number {
    const share = this.there ? this.share : 1 - this.share;
    return share === 1 ? Infinity : -Math.log(1 - this.draw()) * share * PERIOD_NS;
  }
}
