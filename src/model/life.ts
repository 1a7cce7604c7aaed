// The controller's life beside its work: the doorbell buffers are handed over, the controller is reset, commands time out. What
// the driver does then is in its model (BufferCare), what happens at all in the scenario.
//
//   reset:    no new batches -> everything outstanding is done -> queues are created anew -> buffers, as the driver has it -> I/O
//   timeout:  the CQ is looked at; if that was not it, once more as long, then a reset that submits again what was outstanding

import { AdminQueue } from './admin-queue.js';
import type { Clock } from './clock.js';
import type { Controller } from './device/controller.js';
import type { DriverMemory } from './driver/driver-memory.js';
import type { DriverModel } from './driver/driver.js';
import type { DoorbellBuffers } from './memory.js';
import type { QueuePair } from './queue-pair.js';
import type { Recorder } from './recorder.js';
import type { Scenario } from './scenario.js';
import type { Vcpu } from './vcpu.js';

export interface LifeOptions {
  readonly clock: Clock;
  readonly scenario: Scenario;
  readonly driver: DriverModel;
  readonly memory: DriverMemory;
  /** Undefined: driver and device have no command in common, or shadow doorbells are off. */
  readonly buffers: DoorbellBuffers | undefined;
  readonly device: Controller;
  readonly admin: AdminQueue;
  readonly pairs: readonly QueuePair[];
  readonly recorder: Recorder;
  readonly vcpus: readonly Vcpu[];
}

/** From the end of I/O to the queues' being there again: not measured, and long beside what follows from it. */
const RESET_NS = 1_000_000;
/** Resets without a single command done in between after which the driver gives up. */
const MAX_FRUITLESS_RESETS = 3;

/** The command that hands over the buffers is sent; the controller is there again; a command has timed out. */
const CONFIG = 0;
const RESTART = 1;
const EXPIRED = 2;

type Phase = 'works' | 'drains' | 'resets' | 'first I/O';

/** What got a stalled run going again. */
export type Recovery = 'completion polled' | 'controller reset';

export class Life {
  private readonly options: LifeOptions;
  private readonly actor: number;
  private readonly held = new Set<Vcpu>();
  private phase: Phase = 'works';
  private resetsLeft: number;
  /** What the timeout at hand has done, and the commands that were done at the last reset that it led to. */
  private expiry: { stuck: readonly Vcpu[]; isSecond: boolean } | undefined;
  private doneAtReset = -1;
  private fruitless = 0;

  constructor(options: LifeOptions) {
    this.options = options;
    this.resetsLeft = options.scenario.resetAfter === undefined ? 0 : 1;
    this.actor = options.clock.addActor((message, nowNs) => {
      if (message === CONFIG) this.configure(nowNs, () => {});
      else if (message === RESTART) this.restart(nowNs);
      else this.expired(nowNs);
    });
  }

  /** Whether the device has the buffers before I/O begins. */
  static configuresAtOnce({ configAfterNs, refusesConfig }: Scenario): boolean {
    return configAfterNs === undefined && refusesConfig !== true;
  }

  /** Before I/O begins. Buffers that are in use from the start, the device has already. */
  begin(): void {
    const { buffers, clock, driver, memory, scenario } = this.options;
    if (buffers === undefined) return;
    if (scenario.refusesConfig === true) {
      if (driver.buffers.onRefusal === 'goes on with freed memory') memory.useFreed(buffers);
    } else if (scenario.configAfterNs === undefined) {
      memory.use(buffers);
    } else {
      if (driver.buffers.inUse === 'before the command') memory.use(buffers);
      clock.at(scenario.configAfterNs, this.actor, CONFIG);
    }
  }

  /** A vCPU is about to begin a batch; false: not now, it is released later. */
  mayBegin(vcpu: Vcpu, nowNs: number): boolean {
    this.beginDraining();
    const { pair } = vcpu;
    if (this.phase === 'works' || (this.phase === 'first I/O' && pair.reaped === pair.startedAt)) return true;
    this.held.add(vcpu);
    this.goOnIfDone(nowNs);
    return false;
  }

  /** A vCPU has consumed completions, and announced that. */
  reaped(nowNs: number): void {
    if (this.phase !== 'works') this.goOnIfDone(nowNs);
  }

  /**
   * The run is at rest and these vCPUs are stuck: their commands time out. Returns what the driver does about it, or undefined
   * when it does nothing: it has no timeout, or has given up.
   */
  recover(stuck: readonly Vcpu[], nowNs: number): Recovery | undefined {
    const { clock, scenario } = this.options;
    if (scenario.ioTimeoutNs === undefined || this.phase !== 'works') return undefined;
    const polls = stuck.some(({ pair }) => pair.posted > pair.reaped);
    if (!polls && !this.mayReset()) return undefined;
    this.expiry = { stuck, isSecond: !polls };
    // Without a completion to be found, the first expiry sends an abort, which changes nothing; the second one resets.
    clock.at(nowNs + (polls ? 1 : 2) * scenario.ioTimeoutNs, this.actor, EXPIRED);
    return polls ? 'completion polled' : 'controller reset';
  }

  private mayReset(): boolean {
    const done = this.done();
    this.fruitless = done === this.doneAtReset ? this.fruitless + 1 : 0;
    this.doneAtReset = done;
    return this.fruitless < MAX_FRUITLESS_RESETS;
  }

  private expired(nowNs: number): void {
    const { stuck, isSecond } = this.expiry!;
    if (isSecond) this.reset(nowNs);
    else for (const vcpu of stuck) vcpu.timedOut(nowNs);
  }

  private beginDraining(): void {
    if (this.resetsLeft === 0 || this.phase !== 'works' || this.done() < this.options.scenario.resetAfter!) return;
    this.resetsLeft -= 1;
    this.phase = 'drains';
  }

  /** Everything outstanding is done, and nobody submits. */
  private goOnIfDone(nowNs: number): void {
    const { vcpus } = this.options;
    if (this.phase === 'resets') return;
    const isDone = vcpus.every((vcpu) => vcpu.pair.submitted === vcpu.pair.reaped && (this.held.has(vcpu) || !vcpu.hasWork));
    if (!isDone) return;
    if (this.phase === 'drains') this.reset(nowNs);
    else this.configure(nowNs, (thenNs) => this.release(thenNs));
  }

  private reset(nowNs: number): void {
    const { clock, recorder } = this.options;
    this.phase = 'resets';
    recorder.controllerReset(nowNs);
    clock.at(nowNs + RESET_NS, this.actor, RESTART);
  }

  /** The controller is enabled again, and has forgotten everything. */
  private restart(nowNs: number): void {
    const { buffers, device, driver, memory, pairs, recorder, vcpus } = this.options;
    const { command, words } = driver.buffers.onReset;
    device.reset();
    recorder.enabled(nowNs);
    recorder.created(pairs, nowNs);
    const lost = new Map(pairs.map((pair) => [pair, pair.recreate()]));
    for (const vcpu of vcpus) vcpu.resubmit(lost.get(vcpu.pair)!);
    if (buffers === undefined || !memory.isInUse) {
      this.release(nowNs);
      return;
    }
    if (words === 'cleared') {
      buffers.shadow.fill(0);
      buffers.eventIdx.fill(0);
    }
    if (command === 'sent before I/O') this.configure(nowNs, (thenNs) => this.release(thenNs));
    else if (command === 'never sent again') this.release(nowNs);
    else this.release(nowNs, 'first I/O');
  }

  private configure(nowNs: number, then: (nowNs: number) => void): void {
    const { admin, buffers, device, memory, recorder } = this.options;
    this.phase = this.phase === 'first I/O' ? 'resets' : this.phase;
    admin.command(nowNs, (doneNs) => {
      device.configure(buffers!, doneNs);
      memory.use(buffers);
      recorder.configured(doneNs);
      then(doneNs);
    });
  }

  private release(nowNs: number, phase: Phase = 'works'): void {
    this.phase = phase;
    const held = [...this.held];
    this.held.clear();
    for (const vcpu of this.options.vcpus) vcpu.restarted(held.includes(vcpu), nowNs);
  }

  private done(): number {
    return this.options.pairs.reduce((total, { reaped }) => total + reaped, 0);
  }
}
