// What the capture itself says: records of errors, losses, doorbells that never show, controllers that can't be told apart.

import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../../trace/event.js';
import { type Desk, type Rule, Watcher } from '../rule.js';

/** Reports records that have a name and no event, with their number. */
class NamedRecords extends Watcher {
  private readonly name: RegExp;
  private readonly what: string;

  constructor(desk: Desk, name: RegExp, what: string) {
    super(desk);
    this.name = name;
    this.what = what;
  }

  override end(): void {
    const { named } = this.desk.facts;
    // A capture that has no device records at all can't have these.
    if (![...named.keys()].some((name) => DEVICE_RECORD.test(name))) return;
    this.checked += 1;
    for (const [name, count] of named) {
      if (this.name.test(name)) this.desk.report({ at: undefined }, `${count} records ${name}: ${this.what}`);
    }
  }
}

const DEVICE_RECORD = /^(?:pci_)?nvme_/;

class RecordsLost extends Watcher {
  override readonly kinds = ['lost'] as const;
  private marks = 0;
  private known = 0;

  override before(batch: EventBatch, row: number): void {
    this.marks += 1;
    if (!Number.isNaN(batch.value[row]!)) this.known += batch.value[row]!;
  }

  override end(): void {
    this.checked += 1;
    const { lost, rejected } = this.desk.facts;
    if (this.marks > 0 || lost > 0) this.desk.report({ at: undefined }, `${this.marks} marks of loss, at least ${Math.max(lost, this.known)} records missing`);
    if (rejected > 0) this.desk.report({ at: undefined }, `${rejected} records could not be read`);
  }
}

interface Traffic {
  fetches: number;
  writes: number;
  reads: number;
  valueless: number;
}

class DoorbellsNotTraced extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow', 'command.fetch', 'controller.reset', 'controller.enable', 'dbbuf.config'] as const;
  private readonly traffic = new Map<number, Traffic>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    const queue = batch.queue[row]!;
    if (queue === 0) return;
    // Firmware and kernel may differ, and an eventfd takes over with Doorbell Buffer Config.
    if (queue === ABSENT) {
      this.judge(controller);
      return;
    }
    let own = this.traffic.get(controller);
    if (own === undefined) {
      own = { fetches: 0, writes: 0, reads: 0, valueless: 0 };
      this.traffic.set(controller, own);
    }
    if (batch.kind[row] === KIND['command.fetch']) own.fetches += 1;
    else if (batch.kind[row] === KIND['doorbell.shadow']) own.reads += 1;
    else if (Number.isNaN(batch.value[row]!)) own.valueless += 1;
    else own.writes += 1;
  }

  override end(): void {
    for (const controller of this.traffic.keys()) this.judge(controller);
  }

  /** A part of the trace ends. */
  private judge(controller: number): void {
    const own = this.traffic.get(controller);
    if (own === undefined) return;
    this.traffic.delete(controller);
    const { fetches, writes, reads, valueless } = own;
    const where = { controller, at: undefined };
    if (valueless > 0) {
      this.checked += 1;
      this.desk.report(where, `${valueless} I/O doorbell writes carry no value: an eventfd took them`);
    } else if (fetches < ENOUGH_FETCHES) {
      this.open += 1;
    } else {
      this.checked += 1;
      if (writes === 0) this.desk.report(where, `${fetches} I/O commands were fetched, ${reads} shadow reads seen, and not one I/O doorbell write`);
    }
  }
}

/** I/O commands after which a doorbell would have shown. */
const ENOUGH_FETCHES = 16;

class ControllersMerged extends Watcher {
  override readonly kinds = ['controller.enable', 'controller.reset', 'queue.create', 'lost'] as const;
  private readonly enabled = new Set<number>();

  override before(batch: EventBatch, row: number): void {
    const controller = batch.controller[row]!;
    switch (batch.kind[row]) {
      case KIND.lost:
        this.enabled.clear();
        break;
      case KIND['controller.reset']:
        this.enabled.delete(controller);
        break;
      case KIND['controller.enable']:
        this.checked += 1;
        if (this.enabled.has(controller)) this.desk.report({ controller }, 'the controller was enabled twice without a reset in between: two of them share this trace');
        this.enabled.add(controller);
        break;
      default:
        this.created(controller, batch, row);
        break;
    }
  }

  private created(controller: number, batch: EventBatch, row: number): void {
    const view = this.desk.controller(controller);
    if (!view.whole) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const life = side === SIDE_CQ ? view.cqs.get(queue) : side === SIDE_SQ ? view.sqs.get(queue) : undefined;
    if (life === undefined || life.depthInferred || !life.whole) return;
    this.desk.report({ controller, queue, side }, `queue ${queue} was created again with ${batch.value[row]} entries while one of ${life.depth} existed: two controllers share this trace, or the driver is wrong`);
  }
}

class QueueRefused extends Watcher {
  override readonly kinds = ['queue.create', 'command.complete', 'command.reap'] as const;
  private readonly waiting = new Map<string, { readonly queue: number; readonly side: number }>();

  override before(batch: EventBatch, row: number): void {
    const key = `${batch.controller[row]} ${batch.cid[row]}`;
    if (batch.kind[row] === KIND['queue.create']) {
      if (batch.cid[row] !== ABSENT && this.waiting.size < 4096) this.waiting.set(key, { queue: batch.queue[row]!, side: batch.side[row]! });
      return;
    }
    if (batch.queue[row] !== 0) return;
    const creation = this.waiting.get(key);
    if (creation === undefined) return;
    this.waiting.delete(key);
    this.checked += 1;
    if (batch.status[row] === 0) return;
    this.desk.report(creation, `its creation failed with status ${batch.status[row]!.toString(16)}h`);
  }
}

export const CAPTURE_RULES: readonly Rule[] = [
  {
    id: 'queue-refused',
    severity: 'warning',
    title: 'The device refused to create a queue.',
    doc: 'Old drivers that never set the entry sizes in CC meet this since QEMU 8.1.',
    evidence: 'the queue and the status',
    needs: 'Create I/O Queue commands and their completions',
    source: 'QEMU 6a33f2e920',
    watch: (desk) => new QueueRefused(desk),
  },
  {
    id: 'device-refused-doorbell',
    severity: 'error',
    title: 'The device reports doorbell writes that it ignored.',
    doc: 'QEMU has a record for each kind: a misaligned address, a queue that does not exist, a value beyond the queue. They are counted by name and have no place. A misaligned write also hits the doorbell next to it.',
    evidence: 'the name of the record and how many there were',
    needs: "records of QEMU's device",
    source: 'QEMU hw/nvme nvme_process_db: pci_nvme_ub_db_wr_*',
    watch: (desk) => new NamedRecords(desk, /^(?:pci_)?nvme_ub_db_wr_[a-z]+(?:_[a-z]+)*$/, 'the driver wrote what no driver may'),
  },
  {
    id: 'controller-fatal-status',
    severity: 'error',
    title: 'The controller reports a fatal status, or failed to start.',
    doc: 'QEMU sets CSTS.CFS when it can not read a submission queue entry or write a completion, for instance while bus mastering is off.',
    evidence: 'the name of the record and how many there were',
    needs: "records of QEMU's device",
    source: 'QEMU hw/nvme: pci_nvme_err_cfs, pci_nvme_err_startfail',
    watch: (desk) => new NamedRecords(desk, /^(?:pci_)?nvme_err_(?:cfs|startfail)$/, 'the controller is down'),
  },
  {
    id: 'records-lost',
    severity: 'note',
    title: 'Records are missing from the capture.',
    doc: 'From a mark of loss on, counts of entries prove nothing until a queue is created anew: rules that count leave those cases open. Where records could not be read, errors become warnings.',
    evidence: 'marks, records missing, records that could not be read',
    needs: 'nothing',
    source: 'Bellwether',
    watch: (desk) => new RecordsLost(desk),
  },
  {
    id: 'doorbells-not-traced',
    severity: 'note',
    title: 'I/O doorbell writes do not show in this capture.',
    doc: 'With ioeventfd the kernel takes them, and the device\'s own trace has no record of them: counts of MMIO writes are then 0, not small. A device that never asks for a write looks the same.',
    evidence: 'I/O commands and shadow reads, or writes without a value',
    needs: `${ENOUGH_FETCHES} fetches of I/O commands`,
    source: 'QEMU hw/nvme ioeventfd=on; KVM kvm_fast_mmio',
    watch: (desk) => new DoorbellsNotTraced(desk),
  },
  {
    id: 'controllers-merged',
    severity: 'warning',
    title: 'Events of several controllers can not be told apart.',
    doc: 'QEMU names no controller in its records, so that two of them in one process become one. A controller that is enabled twice, or a queue that is created while it exists, shows it. Counts and other findings are then not to be trusted.',
    evidence: 'what happened twice',
    needs: 'a controller enable, or queue creations after one',
    source: 'QEMU hw/nvme/trace-events',
    watch: (desk) => new ControllersMerged(desk),
  },
];
