// What an audit finds. A finding is flat, so that it can be a row of a table, and holds text made by the rules alone:
// no untrusted text of a capture gets into it.

/** error: nothing innocent explains it. warning: probably wrong, or wasteful. note: worth knowing when reading the rest. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A point of the trace. */
export interface Position {
  /** Number of the event in its trace, from 0. */
  readonly seq: number;
  /** Since the trace's origin; NaN without a time stamp. */
  readonly timeNs: number;
  /** Line (from 1) in text sources, byte (from 0) in binary ones; NaN when unknown. */
  readonly place: number;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly controller: number | undefined;
  readonly queue: number | undefined;
  readonly side: 'sq' | 'cq' | undefined;
  /** Undefined for what concerns the trace as a whole. */
  readonly at: Position | undefined;
  readonly evidence: string;
}

/** How often a rule fired with one severity, and the first of its findings. */
export interface FindingGroup {
  readonly rule: string;
  readonly severity: Severity;
  readonly count: number;
  readonly kept: readonly Finding[];
}

/** Keeps the first findings of each rule and severity, and counts the others. */
export class FindingSink {
  private readonly keep: number;
  private readonly groups = new Map<string, { readonly rule: string; readonly severity: Severity; count: number; readonly kept: Finding[] }>();

  /** @param keep findings kept per rule and severity */
  constructor(keep: number) {
    this.keep = keep;
  }

  add(finding: Finding): void {
    const { rule, severity } = finding;
    const key = `${severity} ${rule}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { rule, severity, count: 0, kept: [] };
      this.groups.set(key, group);
    }
    group.count += 1;
    if (group.kept.length < this.keep) group.kept.push(finding);
  }

  /** Errors first, each severity in the order in which its rules fired first. */
  get result(): readonly FindingGroup[] {
    return SEVERITIES.flatMap((severity) => [...this.groups.values()].filter((group) => group.severity === severity));
  }
}
