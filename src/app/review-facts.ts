// Parts of a review that the store or the verifier knows: exits, joined sources, other what-ifs, verdicts, findings.

import type { ExitReport } from '../history/exits.js';
import { BellwetherError } from '../base/errors.js';
import { shellWord } from '../base/text.js';
import type { AuditFacts, ExitFacts, PolicyFacts, ReviewInput, SourceFacts, VerdictFacts } from '../report/input.js';
import { countFindings } from '../store/findings.js';
import type { Store } from '../store/open.js';
import { listRuns } from '../store/runs.js';
import { alignmentText } from './alignment-text.js';
import { isOwn } from './own/load.js';
import type { ReplayResult, RunParameters } from './replay.js';
import type { Study } from './study.js';
import { windowIn, windowText } from './time-window.js';
import { traceReport } from './trace-report.js';
import { DEFAULT_BOUNDS, verifyPolicies } from './verify.js';

export function exitFacts({ all, doorbells, unpaired }: ExitReport): ExitFacts {
  return { all, sq: doorbells.sq, cq: doorbells.cq, unpaired };
}

/** The captures of a joined trace, with the words for their alignment. */
export function sourceFacts(store: Store, { trace }: Study): readonly SourceFacts[] {
  const { sources } = traceReport(store, trace);
  return sources.flatMap(({ source, format, alignment }) => (alignment === null ? [] : [{ name: source, format, alignment: alignmentText(alignment) }]));
}

/** What-ifs compared in a review. */
const MAX_POLICIES = 40;

/** This what-if, and those of the same trace and version that the store holds: the latest of each name. */
export function policyFacts(store: Store, { trace, parameters, record }: Study): readonly PolicyFacts[] {
  const { predicted } = record.result;
  const others = listRuns(store, trace.id)
    .map((run) => ({ parameters: run.parameters as RunParameters, predicted: (run.result as Pick<ReplayResult, 'predicted'>).predicted }))
    .filter((run) => run.parameters.version === parameters.version && nameOf(run.parameters) !== nameOf(parameters));
  const byName = new Map([{ parameters, predicted }, ...others].map((run) => [nameOf(run.parameters), run]));
  return [...byName.values()].slice(0, MAX_POLICIES).map((run): PolicyFacts => ({
    name: policyName(run.parameters),
    configuration: configurationText(run.parameters),
    total: run.predicted.mmio.total,
    saved: run.predicted.saved,
    p99Ns: Number.isFinite(run.predicted.latency.p99Ns) ? run.predicted.latency.p99Ns : null,
    stalls: run.predicted.stalls.reduce((sum, stall) => sum + stall.waiting, 0),
  }));
}

function nameOf(parameters: RunParameters): string {
  return `${policyName(parameters)} ${configurationText(parameters)}`;
}

function policyName({ policy, cq_policy }: RunParameters): string {
  return `${policy} + ${cq_policy}`;
}

function configurationText({ shadow, driver, device, transport, window }: RunParameters): string {
  const part = window === undefined ? '' : `, ${windowText(windowIn(window))} of the trace`;
  return `shadow doorbells ${shadow}, ${driver}, ${device}, ${transport}${part}`;
}

/** Verdicts on the two policies of the what-if, as `bellwether verify` gives them by default. */
export function verdictFacts({ parameters }: Study): readonly VerdictFacts[] {
  if (parameters.shadow === 'off') return [];
  return ([['sq', parameters.policy], ['cq', parameters.cq_policy]] as const).map(([side, policy]): VerdictFacts => {
    if (isOwn(policy)) return { policy, side, verdict: 'not verified', states: 0, reason: `"bellwether verify ${shellWord(policy)}" runs its code`, under: '' };
    try {
      const result = verifyPolicies({ policy, side, driver: parameters.driver, driverBarrier: undefined, deviceBarrier: 'full', memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS });
      const { depth, commands, batch } = result.bounds;
      const under = `${result.driver} (barrier: ${result.driver_barrier}), device barriers full, x86-TSO, queue of ${depth}, up to ${commands} commands in batches of ${batch}`;
      const { verdict, states, reason } = result.policies[0]!;
      return { policy, side, verdict, states, reason, under };
    } catch (error) {
      if (!(error instanceof BellwetherError)) throw error;
      return { policy, side, verdict: 'not verified', states: 0, reason: error.message, under: '' };
    }
  });
}

/** Counts of the stored findings, if there are any. */
export function auditFacts(store: Store, { trace }: Study): Pick<ReviewInput, 'audit'> {
  const counts = countFindings(store, trace.id);
  if (counts.size === 0) return {};
  const of = (severity: string): number => counts.get(severity) ?? 0;
  const audit: AuditFacts = { errors: of('error'), warnings: of('warning'), notes: of('note') };
  return { audit };
}
