// From what was read of the vCPUs to the driver's times: sums that a recording shows are taken apart by comparing gaps that
// differ in one thing only.

import { ascending, quantileSorted } from '../metrics/stats.js';
import { ASLEEP_NS, type DriverReader, type Handled } from './calibrate-driver.js';
import { submissionsIn } from './batches.js';
import { Durations, less, resolved } from './censored.js';
import type { DriverTimes, QueueCalibration } from './driver-times.js';
import type { QueueReading } from './queue-reading.js';

/** Fewer samples than this say nothing about a difference. */
const ENOUGH = 10;
/** A device that acted less than this ago, in ns, is surely awake. */
const AWAKE_NS = 10_000;
/** What a completion adds to a pass, in ns, where the recording doesn't tell: a few microseconds on an emulated CPU. */
const PER_COMPLETION_NS = 3_000;
/** A submitter waits for commands of a kind when this share of what came after them came when all was done. */
const NEARLY_ALWAYS = 0.9;

/** @param wakeNs from a doorbell until the device acts, in ns: a median */
export function driverTimes(reader: DriverReader, wakeNs: number): DriverTimes {
  const { options, idleWakes, after, firstNs } = reader;
  const [pending, handlerNs, busyHandlerNs] = [reader.pending.kept, reader.handlerNs.kept, reader.busyHandlerNs.kept];
  const busy = [...reader.queues.values()].filter((queue) => queue.commands > 0);
  const exact = pending.filter(({ adjacent }) => adjacent);
  const woke = exact.filter(({ asleepNs }) => asleepNs >= ASLEEP_NS);
  const awake = exact.filter(({ asleepNs }) => !(asleepNs >= AWAKE_NS));
  const perCompletionNs = stepOf(woke) || stepOf(awake) || PER_COMPLETION_NS;
  const moreNs = ({ completions }: Handled): number => (completions - 1) * perCompletionNs;
  const passKickNs = Math.max(difference(woke.map((h) => h.low - moreNs(h)), awake.map((h) => h.low - moreNs(h))), 0);
  const kickNs = Math.max(passKickNs, ...busy.map(submissionKick));
  const pendingHandlerNs = resolved(Durations.of((exact.length < ENOUGH ? pending : exact).map((h) => less(h, (h.asleepNs >= ASLEEP_NS ? kickNs : 0) + moreNs(h)))));
  return {
    queues: busy.map((queue) => ({ ...describe(queue, { firstNs, kickNs, wakeNs }), ...batchesOf(queue, reader) })),
    waitedFor: [...after].filter(([, { done, all }]) => done >= all * NEARLY_ALWAYS).map(([opcode]) => opcode),
    handlerNs,
    busyHandlerNs: options.parallel ? busyHandlerNs : pendingHandlerNs,
    pendingHandlerNs,
    letInAfterSignalNs: options.parallel ? letIn(busyHandlerNs.length < ENOUGH ? handlerNs : busyHandlerNs, pendingHandlerNs) : [],
    handlerTailNs: 0,
    perCompletionNs,
    kickNs,
    idleWakes,
  };
}

/** An interrupt that found the vCPU at work waits for the lock, then takes what a pending one takes. */
function letIn(handlerNs: readonly number[], pendingNs: readonly number[]): readonly number[] {
  if (pendingNs.length < ENOUGH) return [];
  const alone = median(pendingNs);
  return handlerNs.map((ns) => Math.max(ns - alone, 0));
}

/** All submissions in order, or where they can't be told, those that were seen one by one. */
function batchesOf(queue: QueueReading, reader: DriverReader): Pick<QueueCalibration, 'batches' | 'batchOpcodes' | 'batchesComplete' | 'batchesInferred'> {
  const { jumps, silent } = queue;
  const found = silent ? submissionsIn(jumps) : undefined;
  if (found === undefined) return { ...queue.batches(), batchesComplete: !silent, batchesInferred: 0 };
  let commands = 0;
  const opcodes = found.batches.map((count) => reader.specialAt(queue, (commands += count) - 1));
  return { batches: found.batches, batchOpcodes: opcodes, batchesComplete: true, batchesInferred: found.inferred };
}

function describe(queue: QueueReading, { firstNs, kickNs, wakeNs }: { firstNs: number; kickNs: number; wakeNs: number }): Omit<QueueCalibration, 'batches' | 'batchOpcodes' | 'batchesComplete' | 'batchesInferred'> {
  return {
    place: queue.place,
    commands: queue.commands,
    window: queue.window.commands,
    windowReached: queue.window.reached,
    polled: queue.polled,
    startNs: queue.startNs - firstNs,
    thinkAfterSubmitNs: resolved(queue.think.withoutKick(kickNs)).concat(unseenThink(queue, wakeNs)),
    thinkAfterReapNs: resolved(queue.thinkAfterReap),
    ...shortThink(queue, kickNs),
  };
}

/**
 * Submissions that nobody saw one by one, where threads took turns: the vCPU made them one after the other until it left the core,
 * and the device then woke up and read of them. Each is given its share of the time.
 */
function unseenThink({ unseen }: QueueReading, wakeNs: number): readonly number[] {
  return unseen.kept.flatMap(({ ns, submissions }) => Array.from({ length: submissions }, () => Math.max(ns - wakeNs, 0) / submissions));
}

/** Rather from gaps behind a device that was awake, which need no correction. A submission that takes long is seldom alone; after a pass, what is left of it at most. */
function shortThink({ gaps, afterPass }: QueueReading, kickNs: number): Pick<QueueCalibration, 'shortThinkNs' | 'shortGapsNs'> {
  const woke = gaps.woke.kept;
  const awake = gaps.ns.kept.filter((_, i) => !woke[i]!);
  const all = gaps.ns.kept.map((ns, i) => Math.max(ns - (woke[i]! ? kickNs : 0), 0));
  const shortGapsNs = [awake, all, afterPass.kept].find((list) => list.length >= ENOUGH) ?? [];
  return { shortGapsNs, shortThinkNs: median(shortGapsNs) };
}

/** The same from submissions behind one that woke the device, as far as they came before it: more rather than less. */
function submissionKick({ gaps }: QueueReading): number {
  const { ns, woke } = gaps;
  const by = (behindWake: boolean): readonly number[] => ns.kept.filter((_, i) => woke.kept[i] === behindWake);
  return difference(by(true), by(false));
}

/** What a second completion adds to a pass, in ns; 0 where it can't be told. */
function stepOf(handled: readonly Handled[]): number {
  const by = (n: number): readonly number[] => handled.filter(({ completions }) => completions === n).map(({ low }) => low);
  return Math.max(difference(by(2), by(1)), 0);
}

/** Of the medians; 0 where there are too few. */
function difference(a: readonly number[], b: readonly number[]): number {
  return a.length < ENOUGH || b.length < ENOUGH ? 0 : median(a) - median(b);
}

function median(values: readonly number[]): number {
  return quantileSorted(ascending(values), 0.5);
}
