// Time for which a trace was alive. A virtual machine that is paused, or a host that sleeps, makes every wait long and
// nothing wrong: in such a gap no event of any queue comes. A gap counts at most a tenth of what makes a stall.

const GAP_SHARE = 0.1;

export class ActiveClock {
  /** Sum of the gaps between events, each cut to its limit, in ns; 0 without time stamps. */
  activeNs = 0;
  private readonly limitNs: number;
  private lastNs = NaN;

  constructor(stallNs: number) {
    this.limitNs = stallNs * GAP_SHARE;
  }

  advance(timeNs: number): void {
    const gap = timeNs - this.lastNs;
    if (gap > 0) this.activeNs += Math.min(gap, this.limitNs);
    if (!Number.isNaN(timeNs)) this.lastNs = timeNs;
  }
}
