// Calibration: reads the times that the model needs off a recording. Each is a list of observed durations
// that a replay draws from; tails are kept, because host preemption lives in them.
// The driver's side is read in calibrate-driver.ts, the device's in calibrate-device.ts.

import { ascending, quantileSorted } from '../metrics/stats.js';
import { IO_OPCODES } from '../nvme/opcodes.js';
import { ACTION, type ActionLog } from './action-log.js';
import { type DeviceTimes, DeviceReader, LET_IN_NS } from './calibrate-device.js';
import { DriverReader } from './calibrate-driver.js';
import { driverTimes } from './driver-summary.js';
import type { DriverTimes } from './driver-times.js';
import { recordScale } from './record-cost.js';
import { FALLBACK } from './sampled.js';
import { Samples } from './samples.js';
import type { SteadyPart } from './steady.js';
import { measureWindows } from './window.js';

export interface Calibration extends DeviceTimes, DriverTimes {
  /** Announcements that found the device with nothing to do: the simplest predictor of what shadow doorbells leave. */
  readonly idleWakes: number;
  /**
   * Share of the vCPUs' updates, as far as they were seen, that came while the device was at work: between two of its actions, or right behind an interrupt that
   * the vCPU hadn't answered. 0 where they take turns on a core.
   */
  readonly overlap: number;
  /** See CalibrationOptions.parallel. */
  readonly parallel: boolean;
  /** Where vCPUs and device took turns: whether the vCPUs ran side by side with one another, each on a core, and only the device had to share. */
  readonly vcpusApart: boolean;
  /** See `recordScale`. */
  readonly recordScale: number;
  /** Register writes in the calibrated part. */
  readonly mmio: { readonly sq: number; readonly cq: number };
}

export interface CalibrationOptions {
  /** What a register write took the vCPU in the recording, in ns: it is taken out of the driver's times. */
  readonly writeNs: number;
  /** See Costs.dispatchNs. */
  readonly dispatchNs: number;
  /**
   * What the recording's device spent on shadow doorbells for each fetch and for each completion, in ns, at the usual cost of a record: the
   * model's device spends it again. 0 by default, as with shadow doorbells off.
   */
  readonly accessNs?: number;
  /** Records that a completion made; 1 by default. See `recordsPerCompletion`. */
  readonly recordsPerCompletion?: number;
  /**
   * That there was one core less than threads: each vCPU had one, and the device had to wait. By default as the overlap says, which doesn't tell that
   * from a core for each thread.
   */
  readonly coreLess?: boolean;
  /**
   * Whether vCPUs and the device's thread ran side by side; by default as the overlap says. Where they took turns on a core,
   * a gap with an action of somebody else in it says nothing about who had to wait.
   */
  readonly parallel?: boolean;
}

/** Below this share of overlapping actions the threads took turns, see Calibration.overlap: captures show up to 0.033 where they did, and from 0.051 on where each had a core. */
const OVERLAP_OF_TURNS = 0.04;
/**
 * The same with shadow doorbells on, where far more is found while the device works: captures show up to 0.10 where threads took turns most of
 * the time, and from 0.15 on where each had a core.
 */
const SILENT_OVERLAP_OF_TURNS = 0.125;

/** Calibrates from the steady part of a log. */
export function calibrate(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>, options: CalibrationOptions): Calibration {
  const { share: overlap, silent } = overlapOf(log, part);
  const { coreLess = false } = options;
  const parallel = !coreLess && (options.parallel ?? overlap >= (silent ? SILENT_OVERLAP_OF_TURNS : OVERLAP_OF_TURNS));
  const vcpusApart = coreLess || (!parallel && interleavedShare(log, part) > INTERLEAVED_APART);
  const windows = measureWindows(log, part, vcpusApart);
  const fetches = fetchGaps(log, part);
  const longFetchNs = quantileOf(fetches, 0.75);
  const special = specialOpcodes(log, part);
  const { dispatchNs, accessNs = 0, recordsPerCompletion = 1 } = options;
  const device = new DeviceReader(special, { dispatchNs, accessNs, recordsPerCompletion, parallel, vcpusApart });
  const driver = new DriverReader(log, part, windows, special, { ...options, parallel, vcpusApart });
  if (part.edges !== undefined) {
    device.beginWith(part.edges.start.of(part.queues));
    driver.beginWith(part.edges.start);
  }
  const mmio = { sq: 0, cq: 0 };
  for (let row = part.from; row < part.to; row++) {
    const queue = log.queue[row]!;
    if (!driver.queues.has(queue)) continue;
    if (log.mmio[row] === 1) mmio[log.action[row] === ACTION.announce ? 'sq' : 'cq'] += 1;
    const timeNs = log.timeNs[row]!;
    driver.take(row, { asleepNs: device.asleepNs(timeNs), heldSinceNs: device.heldSinceNs(timeNs, longFetchNs), idle: device.isIdle });
    const { count, mmio: mmioOf, opcode, serviceNs } = log;
    device.take(log.action[row]!, timeNs, { count: count[row]!, mmio: mmioOf[row] === 1, opcode: opcode[row]!, serviceNs: serviceNs[row]!, queue });
  }
  const deviceTimes = device.result();
  return { ...deviceTimes, ...driverTimes(driver, usualWakeNs(deviceTimes)), parallel, vcpusApart, overlap, recordScale: recordScale(deviceTimes.completeNs, recordsPerCompletion), mmio };
}

function usualWakeNs({ wakes }: DeviceTimes): number {
  return wakes.length === 0 ? FALLBACK.wake : quantileSorted(ascending(wakes.map(({ afterNs }) => afterNs)), 0.5);
}

/** Opcodes other than reads and writes, unless they make up most of the workload. */
function specialOpcodes(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): ReadonlySet<number> {
  const counts = new Map<number, number>();
  let all = 0;
  for (let row = part.from; row < part.to; row++) {
    if (log.action[row] !== ACTION.fetch) continue;
    all += 1;
    counts.set(log.opcode[row]!, (counts.get(log.opcode[row]!) ?? 0) + 1);
  }
  const rare = [...counts].filter(([opcode, count]) => opcode !== IO_OPCODES.READ && opcode !== IO_OPCODES.WRITE && count * 2 < all);
  return new Set(rare.map(([opcode]) => opcode));
}

/** Times from a fetch to the next one right behind it, in ns, ascending. */
function fetchGaps(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): Float64Array {
  const gaps = new Samples<number>();
  for (let row = part.from + 1; row < part.to; row++) {
    if (log.action[row - 1] === ACTION.fetch && log.action[row] === ACTION.fetch) gaps.push(log.timeNs[row]! - log.timeNs[row - 1]!);
  }
  return ascending(gaps.kept);
}

function quantileOf(sorted: Float64Array, p: number): number {
  return sorted.length === 0 ? 0 : quantileSorted(sorted, p);
}

/** Two actions of the device further apart than this may have a wait between them, in ns. */
const AT_WORK_NS = 60_000;

/** Of the vCPUs' updates: how many, how many without a register write, and how many that came while the device was at work. */
function overlapOf(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): { readonly share: number; readonly silent: boolean } {
  let updates = 0;
  let silent = 0;
  let inside = 0;
  for (let row = part.from + 1; row < part.to - 1; row++) {
    const action = log.action[row]!;
    if (action !== ACTION.announce && action !== ACTION.reap) continue;
    updates += 1;
    const mmio = log.mmio[row] === 1;
    if (!mmio) silent += 1;
    const atWork = log.timeNs[row + 1]! - log.timeNs[row - 1]! < AT_WORK_NS;
    if (atWork && (mmio ? isInside(log, row) : isFoundInside(log, row))) inside += 1;
    else if (mmio && isLetIn(log, row)) inside += 1;
  }
  return { share: updates === 0 ? 0 : inside / updates, silent: silent > 0 };
}

/** Whether a register write came between two actions of the device. An interrupt ends a piece of work, so it doesn't begin one. */
function isInside({ action }: ActionLog, row: number): boolean {
  const before = action[row - 1]!;
  const after = action[row + 1]!;
  return (before === ACTION.fetch || before === ACTION.complete) && (after === ACTION.fetch || after === ACTION.complete || after === ACTION.interrupt);
}

/**
 * Whether a submission came right behind an interrupt for its own vCPU: that was at its register write while the device worked, and waited for the lock. A vCPU that only
 * now gets the core answers the interrupt first.
 */
function isLetIn({ action, queue, timeNs }: ActionLog, row: number): boolean {
  return action[row] === ACTION.announce && action[row - 1] === ACTION.interrupt && queue[row - 1] === queue[row] && timeNs[row]! - timeNs[row - 1]! < LET_IN_NS;
}

/** Whether the device, between two fetches from a queue, read of more there: it had read at the fetch before. That it reads of passes says nothing, it does so while it works only. */
function isFoundInside({ action, queue }: ActionLog, row: number): boolean {
  return action[row] === ACTION.announce && action[row - 1] === ACTION.fetch && action[row + 1] === ACTION.fetch && queue[row - 1] === queue[row];
}

/** vCPUs that share a core act in long turns. When another acted within most of the gaps between two acts of one, they ran side by side. */
const INTERLEAVED_APART = 0.5;

/** Of the gaps between two doorbell updates of one queue without an action of the device: the share with exactly one update of another queue in them. */
function interleavedShare(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): number {
  const ofDriver = (row: number): boolean => log.action[row] === ACTION.announce || log.action[row] === ACTION.reap;
  let alone = 0;
  let interleaved = 0;
  for (let row = part.from + 2; row < part.to; row++) {
    if (!ofDriver(row - 2) || !ofDriver(row - 1) || !ofDriver(row) || log.queue[row - 2] !== log.queue[row]) continue;
    if (log.queue[row - 1] === log.queue[row]) alone += 1;
    else interleaved += 1;
  }
  return interleaved === 0 ? 0 : interleaved / (alone + interleaved);
}
