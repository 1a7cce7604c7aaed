// Keep or count: what became of every record of a source.
// Each record read ends in exactly one of four ways, so read = events + ignored + unknown + rejected.

/** A record that was refused. */
export interface Reject {
  /** Line (from 1) in text sources, byte (from 0) in binary ones. */
  readonly place: number;
  readonly reason: string;
  /** The start of the record, at most MAX_REJECT_TEXT characters; untrusted. */
  readonly text: string;
}

/** The sums of a tally, as the store and the JSON output hold them. */
export interface RecordCounts {
  readonly read: number;
  readonly events: number;
  readonly ignored: number;
  readonly unknown: number;
  readonly rejected: number;
  /** Records that the capture itself reports as missing; they were never read. */
  readonly lost: number;
}

/** What a tally came to: plain values, which can also go to another thread. */
export interface TallyTotals {
  readonly counts: RecordCounts;
  /** Name -> count, in the order of the names. */
  readonly ignoredNames: ReadonlyMap<string, number>;
  readonly unknownNames: ReadonlyMap<string, number>;
  readonly rejectReasons: ReadonlyMap<string, number>;
  /** The first MAX_KEPT_REJECTS rejects, in the order of the source. */
  readonly rejects: readonly Reject[];
}

/** Records that should have become events and didn't: lost before they were written, or not understood. */
export function missingRecords({ rejected, lost }: RecordCounts): number {
  return rejected + lost;
}

/** Adds up what became of the records of several sources. */
export function sumCounts(counts: readonly RecordCounts[]): RecordCounts {
  const sum = (key: keyof RecordCounts): number => counts.reduce((before, one) => before + one[key], 0);
  return {
    read: sum('read'),
    events: sum('events'),
    ignored: sum('ignored'),
    unknown: sum('unknown'),
    rejected: sum('rejected'),
    lost: sum('lost'),
  };
}

/** Rejects kept with their text; the rest is only counted, by reason. */
export const MAX_KEPT_REJECTS = 1000;
export const MAX_REJECT_TEXT = 200;
/** Distinct names counted on their own; an adversarial source can't make the table grow beyond it. */
export const MAX_NAMES = 1000;
const OTHER_NAMES = '(further names)';

/** Counts what became of each record. One tally belongs to one source. */
export class Tally implements TallyTotals {
  read = 0;
  events = 0;
  lost = 0;
  private readonly ignoredByName = new Map<string, number>();
  private readonly unknownByName = new Map<string, number>();
  private readonly rejectedByReason = new Map<string, number>();
  private readonly keptRejects: Reject[] = [];

  /** A record of a known kind that the model doesn't need. */
  ignore(name: string): void {
    bump(this.ignoredByName, name);
  }

  /** A well-formed record of a name that no table knows. */
  unknown(name: string): void {
    bump(this.unknownByName, name);
  }

  /** A record that can't be understood. */
  reject(place: number, reason: string, text: string): void {
    bump(this.rejectedByReason, reason);
    if (this.keptRejects.length < MAX_KEPT_REJECTS) {
      this.keptRejects.push({ place, reason, text: text.slice(0, MAX_REJECT_TEXT) });
    }
  }

  /** A copy of the totals so far. */
  get totals(): TallyTotals {
    const { counts, ignoredNames, unknownNames, rejectReasons } = this;
    return { counts, ignoredNames, unknownNames, rejectReasons, rejects: [...this.keptRejects] };
  }

  /**
   * The totals so far, without the records that a decoder still holds undecided: what has been read ended in one of the
   * four ways. At the end of a source the same as `totals`.
   */
  get settled(): TallyTotals {
    const { totals } = this;
    const { events, ignored, unknown, rejected } = totals.counts;
    return { ...totals, counts: { ...totals.counts, read: events + ignored + unknown + rejected } };
  }

  get counts(): RecordCounts {
    return {
      read: this.read,
      events: this.events,
      ignored: total(this.ignoredByName),
      unknown: total(this.unknownByName),
      rejected: total(this.rejectedByReason),
      lost: this.lost,
    };
  }

  /** Name -> count, in the order of the names. */
  get ignoredNames(): ReadonlyMap<string, number> {
    return sorted(this.ignoredByName);
  }

  get unknownNames(): ReadonlyMap<string, number> {
    return sorted(this.unknownByName);
  }

  get rejectReasons(): ReadonlyMap<string, number> {
    return sorted(this.rejectedByReason);
  }

  /** The first MAX_KEPT_REJECTS rejects, in the order of the source. */
  get rejects(): readonly Reject[] {
    return this.keptRejects;
  }
}

function bump(counts: Map<string, number>, name: string): void {
  const known = counts.get(name);
  if (known !== undefined) counts.set(name, known + 1);
  else if (counts.size < MAX_NAMES) counts.set(name, 1);
  else counts.set(OTHER_NAMES, (counts.get(OTHER_NAMES) ?? 0) + 1);
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const n of counts.values()) sum += n;
  return sum;
}

function sorted(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
