// The admin queue, as far as the model needs it: one command at a time, by registers alone, as every mainstream driver has it.

import { advance } from '../nvme/ring.js';
import type { Clock } from './clock.js';
import type { Recorder } from './recorder.js';
import type { ServiceTimes } from './service.js';
import type { Transport } from './transport.js';

/** Entries of the admin queue. [LINUX drivers/nvme/host/nvme.h] NVME_AQ_DEPTH */
const DEPTH = 32;

export class AdminQueue {
  private readonly options: { readonly clock: Clock; readonly recorder: Recorder; readonly service: ServiceTimes; readonly transport: Transport };
  private readonly actor: number;
  private index = 0;
  private readonly done: ((nowNs: number) => void)[] = [];

  constructor(options: AdminQueue['options']) {
    this.options = options;
    this.actor = options.clock.addActor((_, nowNs) => {
      options.recorder.mmio(0, 'cq', this.index, nowNs);
      this.done.shift()!(nowNs);
    });
  }

  /** Sends a command; `done` is called when the driver has consumed its completion. */
  command(nowNs: number, done: (nowNs: number) => void): void {
    const { clock, recorder, service, transport } = this.options;
    this.index = advance(this.index, 1, DEPTH);
    recorder.mmio(0, 'sq', this.index, nowNs);
    const deviceNs = service.wakeNs(0) + service.fetchNs() + service.completeNs() + service.interruptNs();
    this.done.push(done);
    clock.at(nowNs + transport.vcpuNs + deviceNs + service.handlerNs(), this.actor, 0);
  }
}
