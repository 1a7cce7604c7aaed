// What the capture itself says: records of errors, losses, doorbells that never show, controllers that can't be told apart.

import { formatNs, plural } from '../../../base/units.js';
import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND, type KindName } from '../../../trace/event.js';
import type { Position } from '../finding.js';
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
      if (this.name.test(name)) this.desk.report({ at: undefined }, `${plural(count, 'record')} ${name}: ${this.what}`);
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

const ALL_KINDS = Object.keys(KIND) as readonly KindName[];

class TimeBackwards extends Watcher {
  override readonly kinds = ALL_KINDS;
  /** Latest time so far, by source. */
  private readonly latestNs = new Map<number, number>();
  private steps = 0;
  private largestNs = 0;
  private firstAt: Position | undefined;

  override before(batch: EventBatch, row: number): void {
    const timeNs = batch.timeNs[row]!;
    if (Number.isNaN(timeNs)) return;
    const source = batch.source[row]!;
    const latestNs = this.latestNs.get(source) ?? -Infinity;
    if (timeNs >= latestNs) {
      this.latestNs.set(source, timeNs);
      return;
    }
    this.steps += 1;
    this.largestNs = Math.max(this.largestNs, latestNs - timeNs);
    this.firstAt ??= this.desk.position();
  }

  override end(): void {
    if (this.latestNs.size === 0) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (this.steps > 0) this.desk.report({ at: this.firstAt }, `${plural(this.steps, 'event')} with an earlier time than one before, by up to ${formatNs(this.largestNs)}`);
  }
}

/** I/O commands after which a doorbell would have shown. */
const ENOUGH_FETCHES = 16;

export const CAPTURE_RULES: readonly Rule[] = [
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
    id: 'time-backwards',
    severity: 'note',
    title: 'Time stamps go backwards.',
    doc: 'The order of the records is taken as it is, so lives and counts are not touched; durations across such a step are wrong or missing, and waits may hide. Clocks that were set, records that several threads wrote out of order, and files that were put one after another look so.',
    evidence: 'how many events, by how much at most, and where the first is',
    needs: 'time stamps',
    source: 'Bellwether',
    watch: (desk) => new TimeBackwards(desk),
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
];
