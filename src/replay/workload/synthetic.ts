// A described workload as the model asks for it: what each vCPU submits, and what every step takes. Draws are seeded, one
// stream for each vCPU and one for the device, so that a change on one side leaves the draws of the other as they were.

import { NS_PER_US } from '../../base/units.js';
import { Rng } from '../../base/rng.js';
import type { ServiceTimes, Work } from '../../model/service.js';
import { IO_OPCODES } from '../../nvme/opcodes.js';
import { type Distribution, type Draw, drawsOf } from './distribution.js';
import type { DeviceSpec, GuestSpec, Job, Workload } from './workload.js';

/** A thread that would sleep for less than this for a lock finds it free on its way, in ns; as for recordings. */
const SPIN_NS = 2 * NS_PER_US;
const BYTES_PER_KIB = 1024;

/** A job while it runs. */
interface RunningJob {
  readonly job: Job;
  readonly think: Draw;
  readonly resume: Draw;
  readonly pauseFor: Draw;
  submitted: number;
  /** Commands submitted when it slept last. */
  sleptAt: number;
}

/**
 * What the jobs of one vCPU submit. They share its queue and take turns in proportion to their depths; each goes on until it
 * has made its commands or its run time is over.
 */
export class SyntheticWork implements Work {
  readonly startNs = 0;
  opcode = -1;
  private readonly jobs: readonly RunningJob[];
  private readonly rng: Rng;
  /** Whose batch is the next one. */
  private turn: RunningJob | undefined;
  /** Commands of the next batch. */
  private size = 0;
  private nowNs = 0;

  constructor(jobs: readonly Job[], vcpu: number, seed: number) {
    const rng = new Rng(seed, `vcpu ${vcpu}`);
    this.rng = rng;
    this.jobs = jobs.map((job) => ({
      job,
      think: drawsOf(job.think, rng),
      resume: drawsOf(job.resume, rng),
      pauseFor: drawsOf(job.pause.for, rng),
      submitted: 0,
      sleptAt: 0,
    }));
  }

  /** Commands outstanding that the jobs at work go up to together. */
  get window(): number {
    let sum = 0;
    for (const each of this.jobs) if (this.goesOn(each)) sum += each.job.iodepth;
    // The last batch of all waits for no more room than it needs.
    return Math.max(sum, this.turn?.job.iodepth ?? 1);
  }

  nextBatch(nowNs: number): number {
    this.nowNs = nowNs;
    const next = this.leastServed();
    this.turn = next;
    if (next === undefined) return 0;
    const { batch, commands, mix } = next.job;
    const size = Math.min(batch, commands - next.submitted);
    next.submitted += size;
    this.size = size;
    this.opcode = mix.flush + mix.trim === 0 ? -1 : this.specialOpcode(next.job, size);
    return size;
  }

  get waits(): boolean {
    return this.opcode === IO_OPCODES.FLUSH && (this.turn?.job.flushWaits ?? false);
  }

  thinkAfterSubmitNs(): number {
    return this.turn!.think();
  }

  thinkAfterReapNs(): number {
    return this.turn!.resume();
  }

  pauseNs(): number {
    const { turn } = this;
    if (turn === undefined || turn.job.pause.every === 0) return 0;
    // The next batch is counted already: it comes behind the pause.
    const before = turn.submitted - this.size;
    if (before - turn.sleptAt < turn.job.pause.every) return 0;
    turn.sleptAt = before;
    return turn.pauseFor();
  }

  private goesOn({ job, submitted }: RunningJob): boolean {
    return submitted < job.commands && this.nowNs < job.runtimeNs;
  }

  private leastServed(): RunningJob | undefined {
    let least: RunningJob | undefined;
    for (const each of this.jobs) {
      if (!this.goesOn(each)) continue;
      if (least === undefined || each.submitted * least.job.iodepth < least.submitted * each.job.iodepth) least = each;
    }
    return least;
  }

  /** A batch holds one special command at most, its last: the shares are checked for that. */
  private specialOpcode({ mix }: Job, size: number): number {
    const at = this.rng.unit() / size;
    if (at < mix.flush) return IO_OPCODES.FLUSH;
    return at < mix.flush + mix.trim ? IO_OPCODES.DATASET_MANAGEMENT : -1;
  }
}

/** One kind of command on a queue: the share of those up to it, and how long it is served. */
interface Kind {
  readonly upTo: number;
  readonly service: Draw;
  readonly transferNs: number;
}

/** What every step takes. */
export class SyntheticService implements ServiceTimes {
  readonly fetchNs: Draw;
  readonly completeNs: Draw;
  readonly interruptNs: Draw;
  readonly handlerNs: Draw;
  readonly busyHandlerNs: Draw;
  readonly pendingHandlerNs: Draw;
  readonly handlerTailNs: Draw;
  readonly perCompletionNs: Draw;
  readonly wakeNs: Draw;
  private readonly kick: Draw;
  private readonly lockWake: Draw;
  private readonly special: ReadonlyMap<number, Draw>;
  private readonly dispatchNs: number;
  private readonly rng: Rng;
  /** Reads and writes of each queue, by its identifier. */
  private readonly kinds: readonly (readonly Kind[])[];
  /** When each channel of the backend is free again, in ns; none when it serves any number at a time. */
  private readonly freeNs: Float64Array;

  constructor({ jobs, guest, device }: Workload, seed: number) {
    const rng = new Rng(seed, 'service');
    this.rng = rng;
    this.fetchNs = drawsOf(device.fetch, rng);
    this.completeNs = drawsOf(device.complete, rng);
    this.interruptNs = drawsOf(device.interrupt, rng);
    this.wakeNs = drawsOf(device.wake, rng);
    this.kick = drawsOf(device.kick, rng);
    this.lockWake = drawsOf(device.lockWake, rng);
    this.handlerTailNs = drawsOf(guest.handlerTail, rng);
    this.perCompletionNs = drawsOf(guest.perCompletion, rng);
    // The model's handler comes with the first completion of its pass.
    const handler = (interrupt: Distribution): Draw => {
      const toHandler = drawsOf(interrupt, rng);
      return () => toHandler() + this.perCompletionNs();
    };
    this.handlerNs = handler(guest.interruptIdle);
    this.busyHandlerNs = handler(guest.interruptBusy);
    this.pendingHandlerNs = handler(guest.interruptPending);
    this.dispatchNs = device.dispatchNs;
    this.special = new Map([
      [IO_OPCODES.FLUSH, drawsOf(device.service.flush, rng)],
      [IO_OPCODES.DATASET_MANAGEMENT, drawsOf(device.service.trim, rng)],
    ]);
    this.kinds = kindsOf(jobs, guest, device, rng);
    this.freeNs = new Float64Array(Number.isFinite(device.channels) ? device.channels : 0);
  }

  /** What waking costs depends on nothing here: a described device sleeps as soon as it has nothing to do. */
  kickNs(): number {
    return this.kick();
  }

  lockWakeNs(asleepNs: number): number {
    return asleepNs < SPIN_NS ? Math.min(SPIN_NS, this.lockWake()) : this.lockWake();
  }

  commandNs(qid: number, nowNs: number): number {
    const kinds = this.kinds[qid]!;
    const kind = kinds.length === 1 ? kinds[0]! : kindAt(kinds, this.rng.unit());
    const serviceNs = kind.service() + kind.transferNs;
    return this.freeNs.length === 0 ? serviceNs : this.queued(serviceNs, nowNs);
  }

  /** The device takes off what it needs until it is back at work; a described time holds none of that. */
  specialNs(opcode: number): number {
    return this.special.get(opcode)!() + this.dispatchNs;
  }

  /** Each command is served on its own, see commandNs: there are no batches. */
  backendNs(): number {
    return 0;
  }

  backendBatch(inFlight: number): number {
    return inFlight;
  }

  /** The time until it is served when it takes the channel that is free first. */
  private queued(serviceNs: number, nowNs: number): number {
    const { freeNs } = this;
    let first = 0;
    for (let channel = 1; channel < freeNs.length; channel++) if (freeNs[channel]! < freeNs[first]!) first = channel;
    const doneNs = Math.max(freeNs[first]!, nowNs) + serviceNs;
    freeNs[first] = doneNs;
    return doneNs - nowNs;
  }
}

/** The kind whose share holds `at`, 0 .. 1. */
function kindAt(kinds: readonly Kind[], at: number): Kind {
  return kinds.find(({ upTo }) => at < upTo) ?? kinds.at(-1)!;
}

/** Reads and writes of the jobs of each queue, in the shares that they have when all of them run. */
function kindsOf(jobs: readonly Job[], { vcpus }: GuestSpec, device: DeviceSpec, rng: Rng): readonly (readonly Kind[])[] {
  const read = drawsOf(device.service.read, rng);
  const write = drawsOf(device.service.write, rng);
  const perQueue = Array.from({ length: vcpus }, (_, vcpu) => {
    const shares = jobs
      .filter((job) => job.vcpu === vcpu)
      .flatMap(({ iodepth, mix, blockBytes }) => {
        const transferNs = device.perKibNs * (blockBytes / BYTES_PER_KIB);
        return [
          { share: iodepth * mix.read, service: read, transferNs },
          { share: iodepth * mix.write, service: write, transferNs },
        ];
      })
      .filter(({ share }) => share > 0);
    const all = shares.reduce((sum, { share }) => sum + share, 0);
    let upTo = 0;
    return shares.map(({ share, service, transferNs }) => ({ upTo: (upTo += share / all), service, transferNs }));
  });
  // Queue identifiers count from 1; without reads and writes of its own a queue has only special commands.
  return [[], ...perQueue.map((kinds) => (kinds.length > 0 ? kinds : [{ upTo: 1, service: read, transferNs: 0 }]))];
}
