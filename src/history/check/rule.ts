// What a rule of the audit is: a text that says what it means, and a watcher that sees a trace go by.

import type { EventBatch } from '../../trace/batch.js';
import type { KindName } from '../../trace/event.js';
import type { ControllerView } from '../controller.js';
import type { HistoryObserver } from '../observer.js';
import type { Position, Severity } from './finding.js';
import type { SideState } from './side-state.js';

/** What is known of a capture beside its events. */
export interface CaptureFacts {
  /** Ignored and unknown records by name. */
  readonly named: ReadonlyMap<string, number>;
  /** Records that could not be understood. */
  readonly rejected: number;
  /** Records that the capture itself reports as missing. */
  readonly lost: number;
}

/** Which queue a finding is about, and where; what is left out is not known or, for `at`, the event at hand. */
export interface Where {
  readonly controller?: number;
  readonly queue?: number;
  readonly side?: number;
  /** `undefined`: the trace as a whole. */
  readonly at?: Position | undefined;
}

/** What a watcher may ask and tell. */
export interface Desk {
  readonly facts: CaptureFacts;
  /** A wait beyond this many ns is a stall. */
  readonly stallNs: number;
  /** The event at hand. */
  position(): Position;
  /** Time for which the trace was not silent, in ns: see ActiveClock. */
  activeNs(): number;
  /** A controller's state by its history. */
  controller(id: number): ControllerView;
  /** What is known of one doorbell and its words; undefined when nothing is. */
  side(controller: number, queue: number, side: number): SideState | undefined;
  /** The last shadow value of a doorbell in the life before its present one; NaN when there was none. */
  inherited(controller: number, queue: number, side: number): number;
  /** @param severity default: the rule's */
  report(where: Where, evidence: string, severity?: Severity): void;
}

/** Sees one trace go by for one rule. */
export abstract class Watcher {
  /** Cases that the rule could judge, whatever it found. */
  checked = 0;
  /** Cases that it had to leave open. */
  open = 0;
  protected readonly desk: Desk;
  /** Kinds of events that `before` and `after` are called for. */
  readonly kinds: readonly KindName[] = [];
  /** What it wants to hear of the history: itself, where it does. */
  readonly observer: HistoryObserver | undefined = undefined;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** An event of these kinds is about to change the history. */
  before?(batch: EventBatch, row: number): void;
  /** It has changed it. */
  after?(batch: EventBatch, row: number): void;
  /** The trace has ended; every life is closed. */
  end?(): void;
}

export interface RuleText {
  /** On the command line; words joined by hyphens. */
  readonly id: string;
  /** The worst that it reports. */
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly title: string;
  /** How the rule decides, when it reports less than its severity, and what else can look the same. */
  readonly doc: string;
  /** What its evidence says. */
  readonly evidence: string;
  /** What a capture must show for it to be decided. */
  readonly needs: string;
  /** Specification, source or report that it rests on. */
  readonly source: string;
}

export interface Rule extends RuleText {
  readonly watch: (desk: Desk) => Watcher;
}

/** 'sq' or 'cq' in words. */
export function doorbellName(side: number): string {
  return side === 0 ? 'SQ tail' : 'CQ head';
}
