// A study as the review shows it.

import type { Chart } from '../charts/spec.js';
import { shellWord } from '../base/text.js';
import { formatNs, formatPercent } from '../base/units.js';
import { figureOf } from '../report/figure.js';
import type { CapturedFacts, ReviewInput, TraceFacts, WhatIfFacts } from '../report/input.js';
import type { WhatIfResult } from '../replay/what-if.js';
import type { Store } from '../store/open.js';
import { type TraceRow, recordCounts } from '../store/queries.js';
import { listSources } from '../store/sources.js';
import { TRANSPORTS } from '../model/transport.js';
import { cautionsOf, edgeCautions } from './cautions.js';
import { ownOf } from './own/stand-in.js';
import { edgesText } from './replayed-window.js';
import type { Study } from './study.js';
import { windowFlags, windowIn, windowText } from './time-window.js';
import { auditFacts, exitFacts, policyFacts, sourceFacts, verdictFacts } from './review-facts.js';
import { traceReport } from './trace-report.js';

/** Puts the review's data together; charts are rendered on the way. `alone`: nothing of what else the store holds of the trace. */
export async function reviewInputOf(store: Store, study: Study, charts: readonly Chart[], { alone = false } = {}): Promise<ReviewInput> {
  const { comparison, options, parameters, trace, overview } = study;
  const traces = [trace, ...(comparison?.traces ?? [])];
  return {
    trace: traceFacts(store, study),
    controllers: overview.doorbells.controllers,
    whatIf: whatIfFacts(study),
    ...(comparison === undefined ? {} : { captured: capturedFacts(comparison) }),
    ...(overview.exits === undefined ? {} : { exits: exitFacts(overview.exits) }),
    sources: sourceFacts(store, study),
    policies: alone ? [] : policyFacts(store, study),
    verdicts: verdictFacts(study),
    ...(alone ? {} : auditFacts(store, study)),
    figures: await Promise.all(charts.map((chart) => figureOf(chart))),
    method: {
      toolVersion: options.toolVersion,
      inputs: traces.flatMap((row) => listSources(store, row.id)).map(({ source, sha256, bytes }) => ({ name: source, sha256, bytes })),
      seed: parameters.seed,
      repeat: parameters.repeat,
      parameters: parameterFacts(study),
      commands: commandsOf(store, study),
    },
  };
}

function traceFacts(store: Store, { trace, overview: { evidence }, record: { facts } }: Study): TraceFacts {
  const { name, format, clock, span_ns, records, unknown } = traceReport(store, trace);
  const counted: readonly (readonly [number, string])[] = [
    [evidence.inferredQueues, 'queue(s) whose creation was not captured: their depth is the smallest that fits'],
    [evidence.unmatchedCompletions, 'completion(s) without a command'],
    [evidence.unfinishedCommands, 'command(s) without a completion, cut off by a reset or the end of the capture'],
    [evidence.excessReaps, 'completion queue entries consumed beyond those captured'],
    [evidence.lateDoorbells, 'doorbell write(s) that came after the device had read a newer shadow value'],
    [facts.leftOutCommands, 'I/O command(s) outside the replayed part; their doorbell writes count unchanged on both sides'],
    [facts.droppedActions, 'action(s) beyond the limit of a replay'],
  ];
  return {
    name,
    format,
    clock,
    spanNs: span_ns,
    records,
    unknown,
    rejects: Object.fromEntries(recordCounts(store, trace.id, 'rejected')),
    inferred: counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}.`),
  };
}

function whatIfFacts({ parameters, record: { facts, result } }: Study): WhatIfFacts {
  const { baseline, baselines, predicted, selfCheck } = result;
  const { mmio, mmioInterval, saved, commands, stalls } = predicted;
  const side = (of: 'sq' | 'cq' | 'total') => ({ median: mmio[of], low: mmioInterval[of].low, high: mmioInterval[of].high });
  return {
    shadow: parameters.shadow,
    policy: parameters.policy,
    cqPolicy: parameters.cq_policy,
    driver: parameters.driver,
    device: parameters.device,
    transport: parameters.transport,
    baseline: { name: baseline.source, mmio: baseline.mmio },
    predicted: {
      commands,
      mmio: { sq: side('sq'), cq: side('cq'), total: side('total') },
      saved,
      stalls: stalls.reduce((sum, stall) => sum + stall.waiting, 0),
    },
    baselines: Object.entries(baselines).map(([name, value]) => ({ name, meaning: PREDICTOR_MEANINGS[name] ?? '', saved: value })),
    selfCheck: {
      passed: selfCheck.passed,
      criterion: `each recorded number is within ${formatPercent(selfCheck.tolerance)} of the 90 % interval of its replays`,
      items: selfCheck.items,
    },
    limits: [...limitsOf(facts, result), ...edgeCautions(facts.part ?? null, commands), ...cautionsOf(parameters.shadow, result)],
  };
}

const PREDICTOR_MEANINGS: Readonly<Record<string, string>> = {
  'twice the idle wakes': 'every submission that found the device idle rings once on each side',
  'idle wakes and CQ passes': 'every such submission rings, and so does every completion pass',
  'twice the CQ passes': 'every completion pass rings, and as many submissions',
};

function limitsOf({ cores, part }: Study['record']['facts'], { selfCheck }: WhatIfResult): readonly string[] {
  return [
    ...(part === undefined ? [] : [edgesText(part)]),
    ...(selfCheck.passed ? [] : ['The self-check failed: the model does not repeat this recording, so its prediction is not to be relied on.']),
    ...(cores > 1 ? ['The recording shows threads running in parallel; the model is less accurate there than where they take turns.'] : []),
    'The interval holds 90 % of the runs of the model, and lies further out by what the replay of the recording as it was misses it by. Captures of one workload differ from one another by about as much.',
    'The time stamps are those of the traced machine: tracing itself takes part in what was recorded and predicted.',
  ];
}

function capturedFacts({ traces, mmio, saved, savedError, covered }: NonNullable<Study['comparison']>): CapturedFacts {
  return { names: traces.map(({ name }) => name), mmio, saved, savedError, covered };
}

function parameterFacts({ parameters, record: { facts, result: { transport } } }: Study): ReviewInput['method']['parameters'] {
  const own = [[parameters.policy, parameters.policy_sha256], [parameters.cq_policy, parameters.cq_policy_sha256]] as const;
  return [
    ...own.flatMap(([name, sha256]) => (sha256 === undefined ? [] : [{ name: 'policy of the user\'s', value: name, source: `its file, with SHA-256 ${sha256}` }])),
    ...(facts.part === undefined ? [] : [{ name: 'part of the trace that was replayed', value: windowText(windowIn(facts.part)), source: parameters.window === undefined ? 'the most actions that a replay holds' : '--from and --to' }]),
    { name: 'doorbell write, vCPU time', value: formatNs(transport.vcpuNs), source: transport.source },
    { name: 'doorbell write, delivery', value: formatNs(transport.deliveryNs), source: transport.source },
    { name: 'host cores shared by vCPUs and device', value: String(facts.cores), source: `overlap of their actions in the recording: ${facts.overlap.toFixed(3)}` },
    { name: 'weight of the device thread', value: facts.loopWeight.toFixed(2), source: 'fitted to the completion passes of the recording' },
    { name: 'commands outstanding per queue', value: facts.windows.join(', '), source: 'highest level that the recording shows' },
  ];
}

/** The commands that repeat the study from its captures. */
export function commandsOf(store: Store, { parameters, comparison, trace, options }: Study): readonly string[] {
  const flags = [
    `--shadow ${parameters.shadow}`,
    // A mended driver is named by the one that it is made of.
    ...((options.mend ?? []).length === 0 ? [`--driver ${parameters.driver}`] : [`--driver ${options.driver}`, ...options.mend!.map((mend) => `--mend ${shellWord(mend)}`)]),
    `--device ${parameters.device}`,
    `--policy ${shellWord(parameters.policy)}`,
    `--cq-policy ${shellWord(parameters.cq_policy)}`,
    // What the recording shows of its own transport is found again; it can't be named.
    ...(TRANSPORTS.some(({ name }) => name === parameters.transport) ? [`--transport ${parameters.transport}`] : []),
    ...(options.scenario ?? []).map((scenario) => `--scenario ${shellWord(scenario)}`),
    ...windowFlags(options.window),
    `--seed ${parameters.seed}`,
    `--repeat ${parameters.repeat}`,
  ];
  const against = comparison === undefined ? [] : [...comparison.traces.map(({ name }) => `--against ${shellWord(name)}`), ...windowFlags(options.againstWindow, '--against-')];
  const traces = [trace, ...(comparison?.traces ?? [])];
  return [
    ...traces.map((row) => ingestCommand(store, row)),
    ...(ownOf(options).length > 0 ? [`bellwether replay ${shellWord(parameters.trace)} ${flags.join(' ')}`] : []),
    `bellwether report review ${shellWord(parameters.trace)} ${[...flags, ...against].join(' ')} -o review.html`,
  ];
}

/** The command that reads a trace's captures again. Clocks and formats that were given by hand are not on record. */
export function ingestCommand(store: Store, { id, name }: Pick<TraceRow, 'id' | 'name'>): string {
  const sources = listSources(store, id);
  return `bellwether ingest ${sources.map(({ source }) => shellWord(source)).join(' ')}${sources.length > 1 ? ' --join' : ''} --name ${shellWord(name)}`;
}
