// How results of a replay are printed.

import { formatCount, formatNs, formatPercent } from '../base/units.js';
import { cautionsOf, edgeCautions, idlePolicyCautions, shortCautions } from '../app/cautions.js';
import { edgesText } from '../app/replayed-window.js';
import type { ReplayResult } from '../app/replay.js';
import type { WorkloadReplayResult } from '../app/replay-workload.js';
import { printTable } from './table.js';
import { type Terminal, bars, coloured } from './terminal.js';

type Print = (line: string) => void;
type Predicted = ReplayResult['predicted'];
type Latency = Predicted['latency'];

/** Prints a replay for readers. */
export function printReplay({ run, baseline, predicted, baselines, self_check, transport, window, dropped_actions }: ReplayResult | WorkloadReplayResult, print: Print, terminal: Terminal): void {
  const { parameters } = run;
  print(`${run.name}: ${parameters.repeat} ${parameters.repeat === 1 ? 'run' : 'runs'} of ${parameters.driver} on ${parameters.device} over ${parameters.transport}`);
  print(`a register write takes the vCPU ${formatNs(transport.vcpuNs)}: ${transport.source}`);
  if (window !== null) print(edgesText(window));
  if (dropped_actions > 0) print(`${formatCount(dropped_actions)} actions behind it are more than a replay holds: --from and --to choose another part.`);
  if (parameters.scenario !== undefined) print(`scenario: ${parameters.scenario.join(', ')}`);
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
  printWrites(baseline, predicted, print, terminal);
  printTrouble(predicted, parameters.repeat, print);
  printSaved(predicted, baselines, print);
  printTimes(predicted, print);
  print('');
  printStages(predicted, print);
  print('');
  printQueues(predicted, print);
  print('');
  if (self_check === null) print('A described workload: there is no recording that the model could be checked against.');
  else printSelfCheck(self_check, print, terminal);
  const ofRecording = self_check === null ? [] : [...shortCautions(predicted.commands), ...edgeCautions(window, predicted.commands), ...cautionsOf(parameters.shadow, { baseline, predicted })];
  for (const caution of [...idlePolicyCautions(parameters), ...ofRecording]) print(caution);
}

/** The totals as bars; nothing where the terminal doesn't draw. */
function printWrites(baseline: ReplayResult['baseline'], { mmio, mmioInterval }: Predicted, print: Print, terminal: Terminal): void {
  const { low, high } = mmioInterval.total;
  const interval = `${formatCount(mmio.total)} [${formatCount(Math.round(low))} – ${formatCount(Math.round(high))}]`;
  const lines = bars([{ label: 'baseline', value: baseline.mmio.total }, { label: 'predicted', value: mmio.total, text: interval, colour: 'orange' }], terminal);
  for (const line of lines) print(line);
  if (lines.length > 0) print('');
}

function printSaved({ saved, commands, mmio, stalls, runaways }: Predicted, baselines: ReplayResult['baselines'], print: Print): void {
  const { fraction, low, high } = saved;
  // Writes that were saved because nobody worked any more are no saving.
  const isWhole = runaways === 0 && stalls.every(({ recovered }) => recovered !== undefined);
  print(`saved fraction   ${fraction.toFixed(3)}  ${isWhole ? `(90 % interval: ${low.toFixed(3)} .. ${high.toFixed(3)})` : 'of work that was not all done: no prediction'}`);
  for (const [name, value] of Object.entries(baselines)) print(`  without a model: ${value.toFixed(3)}  (${name})`);
  if (commands > 0) print(`MMIO per command ${(mmio.total / commands).toFixed(3)}`);
}

function printTimes(predicted: Predicted, print: Print): void {
  const { latency, commands, iops, iopsInterval, durationNs, vcpuExitNs, deviceBusyNs, queues, interrupts } = predicted;
  print(`latency          p50 ${time(latency.p50Ns)}, p99 ${time(latency.p99Ns)}`);
  print(`commands         ${formatCount(commands)} at ${perSecond(iops)} per second  (90 % of the runs: ${perSecond(iopsInterval.low)} .. ${perSecond(iopsInterval.high)})`);
  if (durationNs === 0) return;
  print(`vCPU time        ${formatPercent(vcpuExitNs / (durationNs * Math.max(queues.length, 1)))} in register writes`);
  print(`device           ${formatPercent(deviceBusyNs / durationNs)} busy, ${formatCount(interrupts)} interrupts`);
}

function printTrouble({ hazards, stalls, runaways }: Predicted, repeat: number, print: Print): void {
  for (const stall of stalls) {
    print(`STALL            queue ${stall.qid} at ${formatNs(stall.atNs)}: ${stall.what} (${formatCount(stall.waiting)}), in ${stall.runs} of ${repeat} runs${stall.recovered === undefined ? '' : `; ended by the driver: ${stall.recovered}`}`);
    if (stall.timerNs !== null) print(`                 a device that looks again ${formatNs(stall.timerNs)} or more after its last look would have found them`);
  }
  for (const { what, qid, count, firstNs } of hazards) print(`HAZARD           queue ${qid} from ${formatNs(firstNs)} on: ${what} (${formatCount(count)})`);
  if (runaways > 0) print(`RUNAWAY          ${runaways} of ${repeat} runs never came to rest and were cut off`);
}

function printStages({ stages }: Predicted, print: Print): void {
  const row = (name: string, { p50Ns, p90Ns, p99Ns, p999Ns }: Latency): readonly string[] => [name, ...[p50Ns, p90Ns, p99Ns, p999Ns].map(time)];
  printTable(
    ['latency by stage', 'p50', 'p90', 'p99', 'p99.9'],
    Object.entries(stages).map(([stage, latency]) => row(stage.replaceAll('_', ' '), latency)),
    print,
  );
}

function printQueues({ queues }: Predicted, print: Print): void {
  const level = ({ mean, max }: { readonly mean: number; readonly max: number }): string => `${mean.toFixed(1)} / ${max}`;
  printTable(
    ['queue', 'commands', 'MMIO SQ', 'MMIO CQ', 'suppressed SQ', 'suppressed CQ', 'shadow reads', 'EventIdx writes', 'interrupts', 'p99', 'in SQ', 'in device', 'in CQ'],
    queues.map(({ qid, commands, mmio, suppressed, shadow, eventidx, interrupts, stages, occupancy }) => [
      qid, commands, mmio.sq, mmio.cq, suppressed.sq, suppressed.cq, shadow.sq + shadow.cq, eventidx.sq + eventidx.cq, interrupts,
      time(stages.total.p99Ns), level(occupancy.sq), level(occupancy.device), level(occupancy.cq),
    ]),
    print,
  );
}

function printSelfCheck({ items, passed, tolerance }: ReplayResult['self_check'], print: Print, terminal: Terminal): void {
  printTable(
    ['self-check: replayed as recorded', 'recorded', 'replayed', '90 % of the runs', ''],
    items.map((item) => [item.what, item.recorded, item.replayed, `${item.low} .. ${item.high}`, item.passed ? 'passed' : 'FAILED']),
    (line) => print(line.endsWith('FAILED') ? coloured(line, 'red', terminal) : line),
  );
  if (!passed) print(`The recording lies more than ${formatPercent(tolerance)} outside its own replays: don't rely on the prediction.`);
}

/** Empty where no command showed both ends. */
function time(ns: number): string {
  return Number.isNaN(ns) ? '' : formatNs(ns);
}

function perSecond(iops: number): string {
  return formatCount(Math.round(iops));
}
