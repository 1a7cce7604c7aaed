// Use case: audit a trace.

import { BellwetherError, usageError } from '../base/errors.js';
import { NS_PER_MS } from '../base/units.js';
import { Audit, type AuditResult } from '../history/check/audit.js';
import { RULES } from '../history/check/catalogue.js';
import type { Finding, Severity } from '../history/check/finding.js';
import type { Rule, RuleText } from '../history/check/rule.js';
import { placeUnit } from '../formats/registry.js';
import { replaceFindings } from '../store/findings.js';
import { type Store, openStore, openStoreForReading } from '../store/open.js';
import { type TraceRow, findTraceBySha256, recordCounts } from '../store/queries.js';
import { readEvents } from '../store/reader.js';
import { traceNamed } from './subject.js';
import { type TraceReport, traceReport } from './trace-report.js';

/**
 * A wait beyond this many ms is a stall, unless --stall-ms says otherwise: 10 times the longest wait of any command in
 * the captures that the rules were tried on (96 ms, an emulated guest), and a thirtieth of Linux's command timeout.
 */
export const DEFAULT_STALL_MS = 1000;
/** Findings shown of a rule and severity, unless --keep says otherwise. */
export const DEFAULT_KEEP = 20;

export interface CheckOptions {
  readonly db: string;
  readonly trace: string;
  /** Ids; none: all rules. */
  readonly rules?: readonly string[] | undefined;
  readonly stallMs?: number;
  readonly keep?: number;
}

/** A rule in JSON output. */
export type RuleReport = RuleText;

/** Where a finding is. */
export interface FindingPlace {
  /** Number of the event in the trace, from 0. */
  readonly seq: number;
  readonly time_ns: number | null;
  /** Number of the source in the trace, from 0: see `trace.sources`. */
  readonly source: number;
  /** Line (from 1) or byte (from 0) in that source, as `unit` says. */
  readonly place: number | null;
  readonly unit: 'line' | 'byte';
}

/** A finding in JSON output; null where it is not known or does not apply. */
export interface FindingReport {
  readonly rule: string;
  readonly severity: Severity;
  readonly controller: number | null;
  readonly queue: number | null;
  readonly side: 'sq' | 'cq' | null;
  /** Null for what concerns the trace as a whole. */
  readonly at: FindingPlace | null;
  readonly evidence: string;
}

export interface CheckResult {
  readonly trace: TraceReport;
  /** The first findings of each rule and severity, errors first. */
  readonly findings: readonly FindingReport[];
  /** How often each rule fired, and how many of these are among `findings`. */
  readonly counts: readonly { readonly rule: string; readonly severity: Severity; readonly count: number; readonly shown: number }[];
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** What each rule could judge; `open`: cases that the capture doesn't show enough of. */
  readonly decided: readonly { readonly rule: string; readonly checked: number; readonly open: number }[];
  /** Rules that could judge nothing here, and what they need. */
  readonly undecided: readonly { readonly rule: string; readonly needs: string; readonly open: number }[];
  /** Doorbell events beyond the number of doorbells that is followed. */
  readonly untracked: number;
  /** Why the store doesn't have these findings; null when it has, or when only some rules were asked for. */
  readonly not_stored: string | null;
}

/**
 * Audits a trace. The findings of an audit by all rules are kept in the store, if it can be written: see the view `findings`.
 * Throws a storeError without a store, a usageError for a trace or a rule that doesn't exist.
 */
export function check({ db, trace: reference, rules: ids, stallMs = DEFAULT_STALL_MS, keep = DEFAULT_KEEP }: CheckOptions): CheckResult {
  const rules = rulesNamed(ids);
  const store = openStoreForReading(db);
  try {
    const row = traceNamed(store, reference);
    const trace = traceReport(store, row);
    const report = reportOf(auditTrace(store, row, rules, stallMs, keep), trace);
    const notStored = rules === RULES ? keepFindings(db, row, report.findings) : null;
    return { trace, ...report, not_stored: notStored };
  } finally {
    store.close();
  }
}

function auditTrace(store: Store, row: TraceRow, rules: readonly Rule[], stallMs: number, keep: number): AuditResult {
  const named = new Map([...recordCounts(store, row.id, 'ignored'), ...recordCounts(store, row.id, 'unknown')]);
  const facts = { named, rejected: row.records.rejected, lost: row.records.lost };
  const audit = new Audit(rules, { facts, stallNs: stallMs * NS_PER_MS, keep });
  readEvents(store, row, (batch) => audit.push(batch));
  return audit.end();
}

function reportOf({ findings, verdicts, untracked }: AuditResult, trace: TraceReport): Omit<CheckResult, 'trace' | 'not_stored'> {
  const total = (severity: Severity): number => findings.filter((group) => group.severity === severity).reduce((sum, { count }) => sum + count, 0);
  return {
    findings: findings.flatMap(({ kept }) => kept.map((finding) => findingReport(finding, trace))),
    counts: findings.map(({ rule, severity, count, kept }) => ({ rule, severity, count, shown: kept.length })),
    errors: total('error'),
    warnings: total('warning'),
    notes: total('note'),
    decided: verdicts.filter(({ checked }) => checked > 0).map(({ rule, checked, open }) => ({ rule: rule.id, checked, open })),
    undecided: verdicts.filter(({ checked }) => checked === 0).map(({ rule, open }) => ({ rule: rule.id, needs: rule.needs, open })),
    untracked,
  };
}

/** Why they can't be kept; null when they are. */
function keepFindings(db: string, { id, sha256 }: TraceRow, findings: readonly FindingReport[]): string | null {
  let store: Store | undefined;
  try {
    store = openStore(db, { create: false });
    if (findTraceBySha256(store, sha256)?.id !== id) return 'the trace has changed meanwhile';
    replaceFindings(
      store,
      id,
      findings.map(({ at, ...finding }) => ({ ...finding, seq: at?.seq ?? null, timeNs: at?.time_ns ?? null, source: at?.source ?? null, place: at?.place ?? null })),
    );
    return null;
  } catch (error) {
    if (error instanceof BellwetherError) return error.message;
    throw error;
  } finally {
    store?.close();
  }
}

function findingReport({ rule, severity, controller, queue, side, at, evidence }: Finding, { sources }: TraceReport): FindingReport {
  return {
    rule,
    severity,
    controller: controller ?? null,
    queue: queue ?? null,
    side: side ?? null,
    at: at === undefined ? null : { seq: at.seq, time_ns: orNull(at.timeNs), source: at.source, place: orNull(at.place), unit: placeUnit(sources[at.source]?.format ?? '') },
    evidence,
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function rulesNamed(ids: readonly string[] | undefined): readonly Rule[] {
  if (ids === undefined || ids.length === 0) return RULES;
  for (const id of ids) {
    if (!RULES.some((rule) => rule.id === id)) {
      throw usageError(`there is no rule ${id}`, [`--rule takes: ${RULES.map((rule) => rule.id).join(', ')}.`]);
    }
  }
  return RULES.filter((rule) => ids.includes(rule.id));
}

/** Every rule's text. */
export function ruleTexts(): readonly RuleReport[] {
  return RULES.map(({ watch: _watch, ...text }) => text);
}
