// Flags of the commands that replay, and how results of a replay are printed.

import { Flags } from '@oclif/core';
import { formatCount, formatNs, formatPercent } from '../base/units.js';
import type { ReplayResult } from '../app/replay.js';
import { printTable } from './table.js';

/** What may be changed in a what-if. */
export const configurationFlags = {
  shadow: Flags.option({ options: ['on', 'off'] as const, default: 'on' as const, summary: 'Replay with shadow doorbells on or off.' })(),
  driver: Flags.string({ summary: 'Driver model; see "list drivers".', helpValue: 'NAME' }),
  device: Flags.string({ summary: 'Device model; see "list devices".', helpValue: 'NAME' }),
  policy: Flags.string({ summary: 'Event-index policy of the submission queues; by default the device\'s own. See "list policies". A policy of your own: FILE.js#NAME.', helpValue: 'NAME[:PARAMETER=VALUE,...]' }),
  'cq-policy': Flags.string({ summary: 'Event-index policy of the completion queues.', helpValue: 'NAME' }),
  transport: Flags.string({ summary: 'How doorbell writes reach the device; see "list transports".', helpValue: 'NAME' }),
};

/** How often, and from which seed on. */
export const seedFlags = {
  seed: Flags.integer({ summary: 'First seed; run i uses seed + i.', default: 1, min: 0, max: 2 ** 31 - 1 }),
  repeat: Flags.integer({ summary: 'Number of runs behind the median and the interval.', default: 20, min: 1, max: 10_000 }),
};

export const replayFlags = { ...configurationFlags, ...seedFlags };

interface ParsedReplayFlags {
  readonly shadow: 'on' | 'off';
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly policy?: string | undefined;
  readonly 'cq-policy'?: string | undefined;
  readonly transport?: string | undefined;
  readonly seed: number;
  readonly repeat: number;
}

/** The flags as the use cases take them. */
export function replayOptions(flags: ParsedReplayFlags): {
  shadow: boolean;
  driver: string | undefined;
  device: string | undefined;
  policy: string | undefined;
  cqPolicy: string | undefined;
  transport: string | undefined;
  seed: number;
  repeat: number;
} {
  const { shadow, driver, device, policy, transport, seed, repeat } = flags;
  return { shadow: shadow === 'on', driver, device, policy, cqPolicy: flags['cq-policy'], transport, seed, repeat };
}

/** Prints a replay for readers. */
export function printReplay({ run, baseline, predicted, baselines, self_check }: ReplayResult, print: (line: string) => void): void {
  const { parameters } = run;
  print(`${run.name}: ${parameters.repeat} runs of ${parameters.driver} on ${parameters.device} over ${parameters.transport}`);
  print('');
  printTable(
    ['MMIO doorbell writes', 'SQ tail', 'CQ head', 'total'],
    [
      [`baseline (${baseline.source})`, baseline.mmio.sq, baseline.mmio.cq, baseline.mmio.total],
      ['predicted', predicted.mmio.sq, predicted.mmio.cq, predicted.mmio.total],
    ],
    print,
  );
  print('');
  const { fraction, low, high } = predicted.saved;
  print(`saved fraction   ${fraction.toFixed(3)}  (90 % of the runs: ${low.toFixed(3)} .. ${high.toFixed(3)})`);
  for (const [name, value] of Object.entries(baselines)) print(`  without a model: ${value.toFixed(3)}  (${name})`);
  print(`latency          p50 ${formatNs(predicted.latency.p50Ns)}, p99 ${formatNs(predicted.latency.p99Ns)}`);
  print(`commands         ${formatCount(predicted.commands)} at ${formatCount(Math.round(predicted.iops))} per second`);
  if (predicted.devicePollNs > 0) print(`device polling   ${formatPercent(predicted.devicePollNs / predicted.durationNs)} of the time, as on a core of its own`);
  for (const stall of predicted.stalls) {
    print(`STALL            queue ${stall.qid} at ${formatNs(stall.atNs)}: ${stall.what} (${formatCount(stall.waiting)})`);
  }
  if (predicted.runaways > 0) print(`RUNAWAY          ${predicted.runaways} of ${parameters.repeat} runs never came to rest and were cut off`);
  print('');
  printTable(
    ['self-check: replayed as recorded', 'recorded', 'replayed', '90 % of the runs', ''],
    self_check.items.map((item) => [item.what, item.recorded, item.replayed, `${item.low} .. ${item.high}`, item.passed ? 'passed' : 'FAILED']),
    print,
  );
  if (!self_check.passed) {
    print(`The recording lies more than ${formatPercent(self_check.tolerance)} outside its own replays: don't rely on the prediction.`);
  }
}

/** Flags of the commands that write files about a replay. */
export const reportFlags = {
  ...replayFlags,
  against: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    default: [],
    summary: 'A trace captured under the predicted configuration, to compare with. May be given several times.',
    helpValue: 'TRACE',
  }),
  output: Flags.string({ char: 'o', multiple: true, multipleNonGreedy: true, required: true, summary: 'File to write; its ending says what it becomes.', helpValue: 'FILE' }),
};
