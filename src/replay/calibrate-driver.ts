// The driver's times, read off a recording: what a vCPU did between two of its own actions, without what register writes
// and interrupts took of it.
//
//   submission -> submission of one queue    think time, when the second had room at once
//   pass -> submission                       think time, when the submission had to wait for the pass
//   interrupt -> pass                        the handler, on an idle vCPU or on one at work
//   write -> pass                            the same, with the interrupt pending at that write
//
// Where the threads took turns on a core, only gaps with nothing in between count: in others somebody else had the core.

import { ACTION, type ActionLog } from './action-log.js';
import { type Bounds, exactly } from './censored.js';
import type { InFlight } from './in-flight.js';
import { QueueReading, bounds } from './queue-reading.js';
import { Samples } from './samples.js';
import type { SteadyPart } from './steady.js';
import type { Window } from './window.js';

/** What the device was doing when a vCPU acted. */
export interface DeviceAtThatTime {
  readonly asleepNs: number;
  /** See DeviceReader.heldSinceNs. */
  readonly heldSinceNs: number;
  readonly idle: boolean;
}

/** A thread that went to sleep less than this ago, in ns, is woken at no cost that could be seen. */
export const ASLEEP_NS = 16_000;

/** A pass that found its interrupt pending at the vCPU's last write. */
export interface Handled extends Bounds {
  /** Whether nobody did anything between the write and the pass. */
  readonly adjacent: boolean;
  readonly completions: number;
  /** How long the device had slept when the write before it came, in ns; NaN for a write that doesn't wake it. */
  readonly asleepNs: number;
}

export interface DriverReaderOptions {
  /** See CalibrationOptions. */
  readonly writeNs: number;
  readonly parallel: boolean;
  /** See Calibration.vcpusApart: what another vCPU did in a gap doesn't count then. */
  readonly vcpusApart: boolean;
}

/** An action and its queue. */
interface Act {
  readonly action: number;
  readonly queue: number;
  readonly timeNs: number;
  readonly row: number;
  /** False for a vCPU's update without a register write: it came at some time before the device read it. */
  readonly seenAtOnce: boolean;
}

const NO_ACT: Act = { action: -1, queue: -1, timeNs: NaN, row: -1, seenAtOnce: false };

export class DriverReader {
  readonly queues: ReadonlyMap<number, QueueReading>;
  readonly handlerNs = new Samples<number>();
  readonly busyHandlerNs = new Samples<number>();
  readonly pending = new Samples<Handled>();
  idleWakes = 0;
  /** By opcode: submissions after such a command that came when all was done, and all of them. */
  readonly after = new Map<number, { done: number; all: number }>();
  readonly options: DriverReaderOptions;
  readonly firstNs: number;
  private readonly log: ActionLog;
  private readonly special: ReadonlySet<number>;
  /** Opcodes of the commands of each queue, in the order of their fetching. */
  private readonly opcodes: Map<number, Uint8Array>;
  /** The previous action of anybody; of the device, where every vCPU had a core. */
  private last: Act = NO_ACT;
  private lastButOne: Act = NO_ACT;
  /** Where every vCPU had a core: the previous action of each queue's. */
  private readonly lastOfVcpu = new Map<QueueReading, Act>();

  /** @param special opcodes of special commands */
  constructor(
    log: ActionLog,
    part: Omit<SteadyPart, 'leftOut'>,
    windows: ReadonlyMap<number, Window>,
    special: ReadonlySet<number>,
    options: DriverReaderOptions,
  ) {
    this.log = log;
    this.options = options;
    this.special = special;
    this.firstNs = log.timeNs[part.from] ?? NaN;
    this.opcodes = fetchedOpcodes(log, part);
    const announcements = countsOf(log, part, ACTION.announce);
    this.queues = new Map(
      part.queues.map((place) => [place, new QueueReading(place, windows.get(place)!, { polled: log.queues[place]!.cq.vector < 0, announcements: announcements.get(place)! })]),
    );
  }

  /** What is under way when the part begins: the opcodes of what is fetched first are those of commands that were announced before. */
  beginWith(start: InFlight): void {
    for (const [place, queue] of this.queues) {
      const { outstanding, unreaped, unfetched } = start.of([place]);
      queue.outstanding = outstanding;
      queue.level = outstanding;
      queue.waiting = unreaped;
      this.opcodes.set(place, this.opcodes.get(place)!.subarray(unfetched));
    }
  }

  take(row: number, device: DeviceAtThatTime): void {
    const { log } = this;
    const queue = this.queues.get(log.queue[row]!)!;
    const action = log.action[row]!;
    const timeNs = log.timeNs[row]!;
    const count = log.count[row]!;
    if (action === ACTION.announce) this.announce(queue, timeNs, count, log.mmio[row] === 1, device);
    else if (action === ACTION.reap) this.reap(queue, timeNs, count, log.mmio[row] === 1, device.heldSinceNs);
    else if (action === ACTION.complete) {
      queue.waiting += 1;
      queue.completedNs = timeNs;
    } else if (action === ACTION.interrupt) {
      queue.polled = false;
      if (Number.isNaN(queue.interruptedNs)) queue.interruptedNs = timeNs;
    }
    const ofDriver = action === ACTION.announce || action === ACTION.reap;
    const act = { action, queue: queue.place, timeNs, row, seenAtOnce: !ofDriver || log.mmio[row] === 1 };
    if (this.options.vcpusApart && ofDriver) {
      this.lastOfVcpu.set(queue, act);
      return;
    }
    this.lastButOne = this.last;
    this.last = act;
  }

  /** The ring that woke the device up to its last action, a first fetch from that queue; if nothing else is between. */
  private ringBeforeFetch(queue: QueueReading): Act | undefined {
    const { last, lastButOne } = this;
    const ring = this.options.vcpusApart ? this.lastOfVcpu.get(queue) : lastButOne;
    if (ring === undefined || ring.action !== ACTION.announce || ring.queue !== queue.place || !ring.seenAtOnce) return undefined;
    const follows = last.action === ACTION.fetch && last.queue === queue.place && last.row > ring.row && lastButOne.row <= ring.row;
    return follows ? ring : undefined;
  }

  /** The previous action of anybody who may have had the core of that queue's vCPU, or kept it waiting. */
  private before(queue: QueueReading): Act {
    const own = this.lastOfVcpu.get(queue) ?? NO_ACT;
    return own.row > this.last.row ? own : this.last;
  }

  private announce(queue: QueueReading, timeNs: number, count: number, mmio: boolean, device: DeviceAtThatTime): void {
    if (count > 0) {
      this.submit(queue, timeNs, count, mmio, device);
      queue.commands += count;
      queue.outstanding += count;
      queue.level = queue.outstanding;
      queue.submittedNs = timeNs;
      queue.submitWoke = mmio && device.asleepNs >= ASLEEP_NS;
      queue.passes.length = 0;
    }
    queue.act(timeNs, mmio ? device.asleepNs : NaN);
  }

  private submit(queue: QueueReading, timeNs: number, count: number, mmio: boolean, { idle, heldSinceNs }: DeviceAtThatTime): void {
    const { writeNs, parallel } = this.options;
    if (idle) this.idleWakes += 1;
    if (Number.isNaN(queue.startNs)) queue.startNs = timeNs;
    // Silent announcements are seen late and may be several at once: only a ring at an idle device shows its batch.
    if (!mmio) queue.silent = true;
    const alone = mmio && (!queue.silent || idle);
    queue.jumps.push({ commands: count, alone });
    if (alone) queue.addBatch(count, this.specialAt(queue, queue.commands + count - 1));
    const last = this.specialAt(queue, queue.commands - 1);
    const done = queue.outstanding === 0;
    if (last >= 0) this.countAfter(last, done);
    const submissions = mmio ? 1 : queue.submissionsOf(count);
    const before = this.before(queue);
    const sinceNs = timeNs - before.timeNs - writeNs;
    const follows = before.queue === queue.place ? before.action : -1;
    if (follows === ACTION.announce && Number.isNaN(queue.interruptedNs) && queue.level + count <= queue.window.commands) {
      queue.gaps.ns.push(sinceNs / submissions);
      queue.gaps.woke.push(queue.submitWoke);
    }
    if (follows === ACTION.reap) queue.afterPass.push(sinceNs);
    if (parallel) queue.readThink(timeNs, count, { writeNs, heldSinceNs, waited: last >= 0 && done, submissions });
    else if (!mmio) this.findUnseen(queue, { follows, sinceNs, seenAtOnce: before.seenAtOnce }, submissions);
    else if (!before.seenAtOnce) return;
    else if (follows === ACTION.announce) queue.think.push(exactly(sinceNs), false);
    else if (follows === ACTION.reap) queue.thinkAfterReap.push(exactly(sinceNs));
  }

  /** Silent submissions that the device found at its first look, before its first fetch or right behind it: the vCPU made them while it was being woken. */
  private findUnseen(queue: QueueReading, { follows, sinceNs, seenAtOnce }: { follows: number; sinceNs: number; seenAtOnce: boolean }, submissions: number): void {
    if (follows === ACTION.announce && seenAtOnce) queue.unseen.push({ ns: sinceNs, submissions });
    const ring = this.ringBeforeFetch(queue);
    if (ring !== undefined) queue.unseen.push({ ns: this.last.timeNs - ring.timeNs - this.options.writeNs, submissions });
  }

  private reap(queue: QueueReading, timeNs: number, count: number, mmio: boolean, heldSinceNs: number): void {
    // When a silent pass came, nobody saw.
    const handledNs = mmio || this.options.parallel ? this.handled(queue, timeNs, count, heldSinceNs) : NaN;
    queue.interruptedNs = NaN;
    queue.outstanding -= count;
    queue.waiting = Math.max(queue.waiting - count, 0);
    queue.passes.push({ timeNs, outstanding: queue.outstanding, handledNs });
    queue.act(timeNs, NaN);
  }

  /** vCPU time of the handler up to a pass, in ns; NaN when it can't be told. */
  private handled(queue: QueueReading, timeNs: number, completions: number, heldSinceNs: number): number {
    const before = this.before(queue);
    const { actedNs, interruptedNs, polled, asleepNs } = queue;
    const { writeNs, parallel } = this.options;
    if (polled ? queue.waitingThen > 0 : interruptedNs <= actedNs) {
      const ns = timeNs - actedNs - writeNs;
      const adjacent = before.queue === queue.place && before.timeNs === actedNs;
      this.pending.push({ ...bounds(ns, heldSinceNs - actedNs - writeNs), adjacent, completions, asleepNs });
      return ns;
    }
    if (polled) {
      const ns = timeNs - queue.completedNs;
      // Entries consumed before the first completion that was captured: nothing says since when they waited.
      if (!Number.isNaN(ns)) this.handlerNs.push(ns);
      return ns;
    }
    const ns = timeNs - interruptedNs;
    if (before.action === ACTION.interrupt && before.queue === queue.place) {
      const idle = !parallel || queue.level >= queue.window.commands;
      (idle ? this.handlerNs : this.busyHandlerNs).push(timeNs - before.timeNs);
    }
    return ns;
  }

  /** Opcode of the queue's command at that position if that is a special one, else -1. */
  specialAt(queue: QueueReading, position: number): number {
    const opcode = this.opcodes.get(queue.place)?.[position] ?? -1;
    return this.special.has(opcode) ? opcode : -1;
  }

  private countAfter(opcode: number, done: boolean): void {
    const tally = this.after.get(opcode) ?? { done: 0, all: 0 };
    this.after.set(opcode, { done: tally.done + Number(done), all: tally.all + 1 });
  }
}

function fetchedOpcodes(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>): Map<number, Uint8Array> {
  const opcodes = new Map([...countsOf(log, part, ACTION.fetch)].map(([place, count]) => [place, new Uint8Array(count)]));
  const filled = new Map(part.queues.map((place) => [place, 0]));
  for (let row = part.from; row < part.to; row++) {
    const place = log.queue[row]!;
    const at = filled.get(place);
    if (log.action[row] !== ACTION.fetch || at === undefined) continue;
    opcodes.get(place)![at] = log.opcode[row]!;
    filled.set(place, at + 1);
  }
  return opcodes;
}

/** How many actions of a kind each of the part's queues has. */
function countsOf(log: ActionLog, part: Omit<SteadyPart, 'leftOut'>, action: number): ReadonlyMap<number, number> {
  const counts = new Map(part.queues.map((place) => [place, 0]));
  for (let row = part.from; row < part.to; row++) {
    const count = counts.get(log.queue[row]!);
    if (count !== undefined && log.action[row] === action) counts.set(log.queue[row]!, count + 1);
  }
  return counts;
}
