// What a run shows that no machine should do: a driver that uses memory which isn't its own, a device that reads an index outside of
// the ring. None of it ends a run by itself; what follows from it, a stall above all, does.

export type HazardKind =
  | 'freed doorbell memory used'
  | 'doorbell memory used beyond its end'
  | 'doorbell memory never freed'
  | 'barrier without need'
  | 'shadow value outside the ring'
  | 'entry fetched that was never filled';

export interface Hazard {
  readonly what: HazardKind;
  readonly qid: number;
  readonly count: number;
  /** When it happened first, in ns. */
  readonly firstNs: number;
}

export class Hazards {
  private readonly found = new Map<string, { what: HazardKind; qid: number; count: number; firstNs: number }>();

  add(what: HazardKind, qid: number, nowNs: number): void {
    const key = `${what} ${qid}`;
    const known = this.found.get(key);
    if (known === undefined) this.found.set(key, { what, qid, count: 1, firstNs: nowNs });
    else known.count += 1;
  }

  /** By the time at which each happened first. */
  list(): readonly Hazard[] {
    return [...this.found.values()];
  }
}
