// What an audit finds. A finding is flat, so that it can be a row of a table, and holds text made by the rules alone:
// no untrusted text of a capture gets into it.

/** error: nothing innocent explains it. warning: probably wrong, or wasteful. note: worth knowing when reading the rest. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding becomes that another may explain. */
const MILDER = { error: 'warning', warning: 'note' } as const;

/** A point of the trace. */
export interface Position {
  /** Number of the event in its trace, from 0. */
  readonly seq: number;
  /** Since the trace's origin; NaN without a time stamp. */
  readonly timeNs: number;
  /** Number of the source in the trace, from 0. */
  readonly source: number;
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

interface OpenGroup extends FindingGroup {
  readonly controller: number | undefined;
  count: number;
  readonly kept: Finding[];
  /** Number of the earliest event that one of them names; -1 where one concerns the trace as a whole. */
  firstSeq: number;
}

/** Keeps the first findings of each rule, severity and controller, and counts the others. */
export class FindingSink {
  private readonly keep: number;
  private readonly explaining: string;
  private readonly groups = new Map<string, OpenGroup>();
  /** Findings kept by severity and rule. */
  private readonly kept = new Map<string, number>();
  /** Controllers for which the explaining rule fired. */
  private readonly explained = new Set<number | undefined>();

  /**
   * @param keep findings kept per rule and severity
   * @param explaining rule that explains other findings of the same controller: these become one degree milder, and say so
   */
  constructor(keep: number, explaining: string) {
    this.keep = keep;
    this.explaining = explaining;
  }

  add(finding: Finding): void {
    const { rule, severity, controller } = finding;
    if (rule === this.explaining) this.explained.add(controller);
    const key = `${severity} ${rule}`;
    const group = groupOf(this.groups, `${key} ${controller ?? ''}`, finding);
    group.count += 1;
    group.firstSeq = Math.min(group.firstSeq, finding.at?.seq ?? -1);
    const kept = this.kept.get(key) ?? 0;
    if (kept === this.keep) return;
    this.kept.set(key, kept + 1);
    group.kept.push(finding);
  }

  /** What explains others first, then errors, warnings, notes; each severity in the order of the earliest findings. */
  get result(): readonly FindingGroup[] {
    const merged = new Map<string, OpenGroup>();
    for (const { rule, severity: own, controller, count, kept, firstSeq } of this.groups.values()) {
      const softened = own !== 'note' && rule !== this.explaining && this.explained.has(controller);
      const severity = softened ? MILDER[own] : own;
      const group = groupOf(merged, `${severity} ${rule}`, { rule, severity, controller });
      group.count += count;
      group.firstSeq = Math.min(group.firstSeq, firstSeq);
      const evidence = (text: string): string => (softened ? `${text}; may be a consequence of ${this.explaining}` : text);
      group.kept.push(...kept.map((finding) => ({ ...finding, severity, evidence: evidence(finding.evidence) })));
    }
    const rank = ({ rule, severity }: FindingGroup): number => (rule === this.explaining ? -1 : SEVERITIES.indexOf(severity));
    return [...merged.values()]
      .toSorted((a, b) => rank(a) - rank(b) || a.firstSeq - b.firstSeq)
      .map(({ rule, severity, count, kept }) => ({ rule, severity, count, kept: kept.toSorted(bySeq).slice(0, this.keep) }));
  }
}

function bySeq(a: Finding, b: Finding): number {
  return (a.at?.seq ?? -1) - (b.at?.seq ?? -1);
}

function groupOf(groups: Map<string, OpenGroup>, key: string, { rule, severity, controller }: Pick<Finding, 'rule' | 'severity' | 'controller'>): OpenGroup {
  let group = groups.get(key);
  if (group === undefined) {
    group = { rule, severity, controller, count: 0, kept: [], firstSeq: Infinity };
    groups.set(key, group);
  }
  return group;
}
