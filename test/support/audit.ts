// Audits of captures, scenes and model runs.

import { RULES } from '../../src/history/check/catalogue.js';
import { Audit, type AuditOptions, type AuditResult } from '../../src/history/check/audit.js';
import type { Rule } from '../../src/history/check/rule.js';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import { NS_PER_S } from '../../src/base/units.js';
import { EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { type PlainEvent, plainEvents, writeEvents } from './events.js';

/** Options of an audit of events that lack nothing. */
export const COMPLETE: AuditOptions = { facts: { named: new Map(), rejected: 0, lost: 0 }, stallNs: NS_PER_S, keep: 20 };

/** Audits events by all rules, or by those given. */
export function audit(events: readonly PlainEvent[], options: Partial<AuditOptions> = {}, rules: readonly Rule[] = RULES): AuditResult {
  const own = new Audit(rules, { ...COMPLETE, ...options });
  writeEvents(events, (batch) => own.push(batch), 64);
  return own.end();
}

export interface Capture {
  readonly events: readonly PlainEvent[];
  readonly options: AuditOptions;
}

/** Reads a capture file for audits. */
export async function captureOf(path: string): Promise<Capture> {
  const events: PlainEvent[] = [];
  const tally = new Tally();
  await decodeSource(await openSource(path), { writer: new EventWriter((batch) => events.push(...plainEvents(batch))), tally });
  const { rejected, lost } = tally.counts;
  return { events, options: { ...COMPLETE, facts: { named: new Map([...tally.ignoredNames, ...tally.unknownNames]), rejected, lost } } };
}

/** Audits a capture file. */
export async function auditFile(path: string): Promise<AuditResult> {
  const { events, options } = await captureOf(path);
  return audit(events, options);
}

/** What an audit found, as rule -> how often. */
export function fired({ findings }: AuditResult): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { rule, count } of findings) counts[rule] = (counts[rule] ?? 0) + count;
  return counts;
}

/** The evidence of a rule's findings, each with its severity in front. */
export function evidence({ findings }: AuditResult, rule: string): readonly string[] {
  return findings.filter((group) => group.rule === rule).flatMap(({ kept }) => kept.map((finding) => `${finding.severity}: ${finding.evidence}`));
}
