// What a recording can't tell. Runs for a prediction's interval draw these anew, each over the range in which it may lie, so
// that the interval holds what isn't known as well as what is chance.

import { Rng } from '../base/rng.js';
import { ascending, quantileSorted } from '../metrics/stats.js';
import type { Costs } from '../model/costs.js';
import type { Transport } from '../model/transport.js';
import type { HostFit } from './host.js';
import { costsAt } from './record-cost.js';
import type { Numbers, RunCalibration, RunQueue } from './shared.js';

/** What a run takes in place of the most likely values. */
export interface Varied {
  readonly calibration: RunCalibration;
  readonly host: HostFit;
  readonly transport: Transport;
  readonly costs: Costs;
}

/** A register write that exits takes 3 to 9 us by published measurements. What it takes more, the vCPU's own work takes less. */
const WRITE_SPREAD_NS = 1_500;
/** A shadow read or EventIdx write with its record in the capture: 1 to 2 us between adjacent ones. */
const RECORD_NS = { low: 1_000, high: 1_800 };
/** From the main loop's taking the lock to the first record of a pass. */
const DISPATCH_NS = { low: 2_000, high: 6_000 };
/** What a submission takes when nothing delays it, and a fetch with others behind it: read off few gaps. */
const PACE_SPREAD = 0.15;
/** What the handler takes up to its doorbell, for each completion, and behind it: only sums of these are seen. */
const HANDLER_SPREAD = 0.35;
/** How long threads take to wake up changes from one run on a host to the next. */
const WAKE_SPREAD = 0.25;
/** So does who gets a shared core: the fitted weight may lie this many times higher or lower. */
const WEIGHT_SPREAD = 1.5;
/** How many times larger than what was seen the window is, where its limit wasn't reached. */
const WINDOW_FACTORS = [1, 2, 4];
/** A recording is cut into so many parts, and so many of them drawn: the host may stay for a whole run in a state that a recording only went through. */
export const PARTS = 8;
const PARTS_DRAWN = 2;
/** Times beyond this are pauses of the workload, which don't scale with its pace. */
const PAUSE_NS = 300_000;

/** Draws what isn't known for one run. The recorded times are varied only where vCPUs ran side by side; what a register write takes of them, always. */
export function varied(subject: Pick<Varied, 'calibration' | 'host'>, { transport }: Pick<Varied, 'transport'>, seed: number): Varied {
  const rng = new Rng(seed, 'uncertain');
  const around = (spread: number): number => 1 + (2 * rng.unit() - 1) * spread;
  const between = ({ low, high }: { readonly low: number; readonly high: number }): number => low + rng.unit() * (high - low);
  const { recordScale, vcpusApart } = subject.calibration;
  // On a slow host an exit is uncertain by as many times more.
  const writeShiftNs = between({ low: -WRITE_SPREAD_NS, high: WRITE_SPREAD_NS }) * recordScale;
  const vcpuNs = Math.max(transport.vcpuNs + writeShiftNs, 0);
  const recordNs = between(RECORD_NS);
  const costs = costsAt(recordScale, recordNs, between(DISPATCH_NS));
  const windowFactor = WINDOW_FACTORS[rng.below(WINDOW_FACTORS.length)]!;
  const factors = { think: around(PACE_SPREAD), fetch: around(PACE_SPREAD), handler: around(HANDLER_SPREAD), wake: around(WAKE_SPREAD) };
  const calibration = inParts(subject.calibration, Array.from({ length: PARTS_DRAWN }, () => rng.below(PARTS)));
  const shared = !calibration.parallel;
  const host = shared ? variedHost(subject.host, rng) : subject.host;
  const uncertain = shared && !vcpusApart ? SEEN_ALONE : factors;
  return {
    calibration: variedTimes(atPaceOf(calibration, subject.calibration), { ...uncertain, writeShiftNs, windowFactor }),
    host,
    transport: { ...transport, vcpuNs, deliveryNs: Math.min(transport.deliveryNs, vcpuNs) },
    costs,
  };
}

/** Where threads took turns, times are read off gaps in which nobody else had the core. */
const SEEN_ALONE = { think: 1, fetch: 1, handler: 1, wake: 1 };

/**
 * A host on which threads took turns, as it may be in another run. Where all of them did so on one core, it may then have a core more to give
 * for a part of the time: hosts have more than one, and the recording shows only that it had none to give then. Before anything is known every share of
 * the time is as likely as any other; one recording was seen, and it had none; the density of the share is then 2 (1 - share), by Laplace's rule
 * for one observation.
 */
function variedHost(host: HostFit, rng: Rng): HostFit {
  const loopWeight = host.loopWeight * WEIGHT_SPREAD ** (2 * rng.unit() - 1);
  return host.cores === 1 ? { ...host, loopWeight, spareShare: 1 - Math.sqrt(1 - rng.unit()) } : { ...host, loopWeight };
}

/**
 * A calibration from some parts of the recording only: of every list that is in the recording's order, the same parts, in the order given. Lists too
 * short for parts stay whole.
 * @param parts each from 0 to PARTS - 1; one that is named twice counts twice
 */
export function inParts(calibration: RunCalibration, parts: readonly number[]): RunCalibration {
  const of = <List extends ArrayLike<unknown>>(list: List): List | List[number][] => (list.length < PARTS ? list : partsOf(list, parts));
  const ofQueue = (queue: RunQueue): RunQueue => {
    const shortGapsNs = of(queue.shortGapsNs);
    return { ...queue, shortGapsNs, shortThinkNs: medianOf(shortGapsNs) };
  };
  const { wakes, fetchNs, backend, completeNs, interruptNs, handlerNs, busyHandlerNs, letInAfterSignalNs, workers } = calibration;
  return {
    ...calibration,
    queues: calibration.queues.map(ofQueue),
    wakes: of(wakes),
    fetchNs: of(fetchNs),
    backend: of(backend),
    completeNs: of(completeNs),
    interruptNs: of(interruptNs),
    handlerNs: of(handlerNs),
    busyHandlerNs: of(busyHandlerNs),
    letInAfterSignalNs: of(letInAfterSignalNs),
    workers: workers && {
      ...workers,
      first: of(workers.first),
      afterLong: of(workers.afterLong),
      afterShort: of(workers.afterShort),
      shortFetchNs: of(workers.shortFetchNs),
      longFetchNs: of(workers.longFetchNs),
      doneNs: of(workers.doneNs),
      waiting: of(workers.waiting),
    },
  };
}

/** Those parts of a list, one after the other. */
function partsOf<T>(list: ArrayLike<T>, parts: readonly number[]): T[] {
  const found: T[] = [];
  for (const part of parts) {
    const to = Math.floor(((part + 1) * list.length) / PARTS);
    for (let i = Math.floor((part * list.length) / PARTS); i < to; i++) found.push(list[i]!);
  }
  return found;
}

/** The think times as they are in those parts: the pace at which an undisturbed driver submits there, against that of the whole recording. */
function atPaceOf(parts: RunCalibration, whole: RunCalibration): RunCalibration {
  if (!whole.parallel) return parts;
  const queue = (q: RunQueue, at: number): RunQueue => {
    const pace = q.shortThinkNs / whole.queues[at]!.shortThinkNs;
    if (!(pace > 0 && pace < Infinity)) return q;
    return { ...q, thinkAfterSubmitNs: mapped(q.thinkAfterSubmitNs, (ns) => (ns < PAUSE_NS ? ns * pace : ns)) };
  };
  return { ...parts, queues: parts.queues.map(queue) };
}

function medianOf(values: Numbers): number {
  return quantileSorted(ascending(values), 0.5);
}

interface Factors {
  readonly think: number;
  readonly fetch: number;
  readonly handler: number;
  readonly wake: number;
  readonly writeShiftNs: number;
  readonly windowFactor: number;
}

function variedTimes(calibration: RunCalibration, { think, fetch, handler, wake, writeShiftNs, windowFactor }: Factors): RunCalibration {
  const thought = (ns: number): number => Math.max(ns < PAUSE_NS ? ns * think - writeShiftNs : ns, 0);
  const scaled = (times: Numbers, factor: number): Numbers => mapped(times, (ns) => ns * factor);
  const queue = (q: RunQueue): RunQueue => ({
    ...q,
    thinkAfterSubmitNs: mapped(q.thinkAfterSubmitNs, thought),
    thinkAfterReapNs: mapped(q.thinkAfterReapNs, thought),
    window: q.windowReached ? q.window : q.window * windowFactor,
  });
  return {
    ...calibration,
    queues: calibration.queues.map(queue),
    fetchNs: scaled(calibration.fetchNs, fetch),
    workers: calibration.workers && {
      ...calibration.workers,
      shortFetchNs: scaled(calibration.workers.shortFetchNs, fetch),
      longFetchNs: scaled(calibration.workers.longFetchNs, fetch),
    },
    wakes: calibration.wakes.map(({ asleepNs, afterNs }) => ({ asleepNs, afterNs: afterNs * wake })),
    handlerNs: scaled(calibration.handlerNs, wake),
    busyHandlerNs: scaled(calibration.busyHandlerNs, wake),
    letInAfterSignalNs: scaled(calibration.letInAfterSignalNs, wake),
    pendingHandlerNs: mapped(calibration.pendingHandlerNs, (ns) => Math.max(ns * handler - writeShiftNs, 0)),
    perCompletionNs: calibration.perCompletionNs * handler,
    handlerTailNs: calibration.handlerTailNs * handler,
  };
}

function mapped(numbers: Numbers, to: (ns: number) => number): readonly number[] {
  return Array.from(numbers, to);
}
