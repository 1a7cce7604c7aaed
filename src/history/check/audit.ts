// Runs rules over a trace: one pass, each event seen before and after the history takes it.

import type { EventBatch } from '../../trace/batch.js';
import { KIND } from '../../trace/event.js';
import { History } from '../history.js';
import { ActiveClock } from './active-clock.js';
import { type FindingGroup, FindingSink, type Position, type Severity } from './finding.js';
import type { CaptureFacts, Desk, Rule, Watcher, Where } from './rule.js';
import { MERGED } from './rules/controllers.js';
import { Sides } from './sides.js';

export interface AuditOptions {
  readonly facts: CaptureFacts;
  /** A wait beyond this many ns is a stall. */
  readonly stallNs: number;
  /** Findings kept per rule and severity; the others are counted. */
  readonly keep: number;
}

/** What one rule could judge. */
export interface RuleVerdict {
  readonly rule: Rule;
  /** Cases judged, and cases left open because the capture doesn't show enough. */
  readonly checked: number;
  readonly open: number;
}

export interface AuditResult {
  readonly findings: readonly FindingGroup[];
  readonly verdicts: readonly RuleVerdict[];
  /** Events of doorbells beyond the number that is followed. */
  readonly untracked: number;
}

/** Audits one trace. Push its batches in order, then call `end` once. */
export class Audit {
  private readonly options: AuditOptions;
  private readonly sink: FindingSink;
  private readonly history: History;
  private readonly sides = new Sides();
  private readonly clock: ActiveClock;
  private readonly watchers: readonly { readonly rule: Rule; readonly watcher: Watcher }[];
  private readonly before: readonly (readonly Watcher[])[];
  private readonly after: readonly (readonly Watcher[])[];
  private seq = -1;
  private timeNs = NaN;
  private place = NaN;
  private source = 0;
  private controllerAtHand = 0;

  constructor(rules: readonly Rule[], options: AuditOptions) {
    this.options = options;
    this.sink = new FindingSink(options.keep, MERGED);
    this.clock = new ActiveClock(options.stallNs);
    this.watchers = rules.map((rule) => ({ rule, watcher: rule.watch(this.deskFor(rule)) }));
    const watchers = this.watchers.map(({ watcher }) => watcher);
    this.before = byKind(watchers.filter((watcher) => watcher.before !== undefined));
    this.after = byKind(watchers.filter((watcher) => watcher.after !== undefined));
    this.history = new History(watchers.flatMap(({ observer }) => (observer === undefined ? [] : [observer])));
  }

  push(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      this.seq += 1;
      this.timeNs = batch.timeNs[row]!;
      this.place = batch.place[row]!;
      this.source = batch.source[row]!;
      this.clock.advance(this.timeNs);
      const controller = batch.controller[row]!;
      this.controllerAtHand = controller;
      const kind = batch.kind[row]!;
      for (const watcher of this.before[kind]!) watcher.before!(batch, row);
      this.sides.take(batch, row, this.history.view(controller));
      this.history.step(batch, row);
      for (const watcher of this.after[kind]!) watcher.after!(batch, row);
    }
  }

  end(): AuditResult {
    this.history.end();
    for (const { watcher } of this.watchers) watcher.end?.();
    return {
      findings: this.sink.result,
      verdicts: this.watchers.map(({ rule, watcher: { checked, open } }) => ({ rule, checked, open })),
      untracked: this.sides.untracked,
    };
  }

  private deskFor(rule: Rule): Desk {
    const { facts, stallNs } = this.options;
    const position = (): Position => ({ seq: this.seq, timeNs: this.timeNs, source: this.source, place: this.place });
    return {
      facts,
      stallNs,
      position,
      activeNs: () => this.clock.activeNs,
      controller: (id) => this.history.view(id),
      side: (controller, queue, side) => this.sides.get(controller, queue, side),
      inherited: (controller, queue, side) => this.sides.inheritedValue(controller, queue, side),
      report: (where: Where, evidence: string, severity: Severity = rule.severity) =>
        this.sink.add({
          rule: rule.id,
          // Records that could not be read may hold the innocent explanation.
          severity: severity === 'error' && facts.rejected > 0 ? 'warning' : severity,
          controller: where.controller ?? ('at' in where && where.at === undefined ? undefined : this.controllerAtHand),
          queue: where.queue,
          side: where.side === undefined ? undefined : where.side === 0 ? 'sq' : 'cq',
          at: 'at' in where ? where.at : position(),
          evidence,
        }),
    };
  }
}

function byKind(watchers: readonly Watcher[]): readonly (readonly Watcher[])[] {
  const numbers = Object.entries(KIND);
  const table: Watcher[][] = Array.from({ length: 256 }, () => []);
  for (const [name, number] of numbers) {
    table[number] = watchers.filter((watcher) => watcher.kinds.some((kind) => kind === name));
  }
  return table;
}

