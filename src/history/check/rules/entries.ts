// Entries of the rings: more announced than are free, more consumed than were posted, and what the device makes of them.

import type { EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../../trace/event.js';
import { distance } from '../../../nvme/ring.js';
import { isFetched, openCommand, tailStep } from '../../counts.js';
import { isSettled } from '../../resync.js';
import { type Rule, Watcher } from '../rule.js';

class SqOverrun extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow'] as const;
  override before(batch: EventBatch, row: number): void {
    if (batch.side[row] !== SIDE_SQ || Number.isNaN(batch.value[row]!)) return;
    const view = this.desk.controller(batch.controller[row]!);
    const queue = batch.queue[row]!;
    const sq = view.sqs.get(queue);
    const tail = batch.value[row]! % 65_536;
    // Before the first fetch nothing tells a capture without the device's view from a device that is slow.
    if (sq === undefined || !sq.whole || sq.fetched === 0 || tail >= sq.depth || !isSettled(sq.cq)) {
      this.open += 1;
      return;
    }
    const count = tailStep(sq, tail);
    const free = sq.depth - 1 - (sq.announced - sq.fetched);
    this.checked += 1;
    if (count <= free) return;
    // A register write that waited behind newer shadow reads looks nearly a lap ahead.
    const mayBeLate = batch.kind[row] === KIND['doorbell.mmio'] && (view.shadow || view.silent);
    const evidence = `the SQ tail moved from ${sq.tail} to ${tail}, by ${count} entries, with ${free} of ${sq.depth} free`;
    if (!mayBeLate) this.desk.report({ queue, side: SIDE_SQ }, evidence);
    else if (count < sq.depth / 2) this.desk.report({ queue, side: SIDE_SQ }, evidence, 'warning');
  }
}

class CqHeadBeyond extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow'] as const;

  override before(batch: EventBatch, row: number): void {
    if (batch.side[row] !== SIDE_CQ || Number.isNaN(batch.value[row]!)) return;
    const view = this.desk.controller(batch.controller[row]!);
    const queue = batch.queue[row]!;
    const cq = view.cqs.get(queue);
    const head = batch.value[row]! % 65_536;
    if (cq === undefined || !cq.whole || !view.showsCommands || cq.completed === 0 || head >= cq.depth || !isSettled(cq)) {
      this.open += 1;
      return;
    }
    const count = distance(cq.head, head, cq.depth);
    const posted = cq.completed - cq.released;
    this.checked += 1;
    if (count <= posted) return;
    const mayBeLate = batch.kind[row] === KIND['doorbell.mmio'] && (view.shadow || view.silent);
    const evidence = `the CQ head moved from ${cq.head} to ${head}, by ${count} entries, with ${posted} posted`;
    if (!mayBeLate) this.desk.report({ queue, side: SIDE_CQ }, evidence);
    else if (count < cq.depth / 2) this.desk.report({ queue, side: SIDE_CQ }, evidence, 'warning');
  }
}

class DuplicateCid extends Watcher {
  override readonly kinds = ['command.fetch'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const cid = batch.cid[row]!;
    const sq = this.desk.controller(batch.controller[row]!).sqs.get(queue);
    if (sq === undefined || !sq.whole || sq.completed === 0 || !isSettled(sq.cq) || sq.stale > 0) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const open = sq.open.get(cid);
    if (open === undefined || !isFetched(open)) return;
    this.desk.report({ queue, side: SIDE_SQ }, `command identifier ${cid} was fetched again while it was outstanding`);
  }
}

class UnmatchedCompletion extends Watcher {
  override readonly kinds = ['command.complete'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const cid = batch.cid[row]!;
    const cq = this.desk.controller(batch.controller[row]!).cqs.get(queue);
    // Commands of a queue that was deleted or was there before the capture complete unmatched.
    if (cq === undefined || !cq.whole || cq.sqs.length === 0 || !cq.sqs.every((sq) => sq.whole && sq.fetched > 0) || !isSettled(cq)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    // Where two captures are joined, the driver's record of it may come first.
    if (openCommand(cq, cid) !== undefined || cq.sqs.some((sq) => sq.early.has(cid))) return;
    this.desk.report({ queue, side: SIDE_CQ }, `command ${cid} completed, and no command of that identifier was outstanding`);
  }
}

/** Status of QEMU's answer to an entry of zeroes: Flush of namespace 0, Invalid Namespace or Format with DNR. */
const INVALID_NAMESPACE = 0x400b;

class ZeroedEntry extends Watcher {
  override readonly kinds = ['command.complete'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    if (queue === 0) return;
    const cq = this.desk.controller(batch.controller[row]!).cqs.get(queue);
    const command = cq === undefined ? undefined : openCommand(cq, batch.cid[row]!);
    if (command === undefined || !isFetched(command)) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (command.cid !== 0 || command.opcode !== 0 || batch.status[row] !== INVALID_NAMESPACE) return;
    this.desk.report({ queue: command.sq.qid, side: SIDE_SQ }, 'a command with identifier 0 and opcode 0 was answered with Invalid Namespace: an entry of zeroes');
  }
}

export const ENTRY_RULES: readonly Rule[] = [
  {
    id: 'sq-overrun',
    severity: 'error',
    title: 'More submission queue entries are announced than are free.',
    doc: 'Free is entries - 1 less those announced and not fetched; a driver that waits for completions uses fewer. A register write may come after newer shadow reads and then looks nearly a lap ahead: with shadow doorbells, register writes give a warning at most, shadow reads an error.',
    evidence: 'the tail before and after, the entries that it moved by, the entries that were free',
    needs: 'a submission queue from its creation on, with nothing lost, and fetches',
    source: 'NVMe Base 2.0, 3.3.1 (full queue)',
    watch: (desk) => new SqOverrun(desk),
  },
  {
    id: 'cq-head-beyond',
    severity: 'error',
    title: 'The completion queue head passes entries that were never posted.',
    doc: 'As sq-overrun. QEMU logs a completion before it posts the entry, so that the count posted is never too small.',
    evidence: 'the head before and after, the entries that it moved by, the entries that were posted',
    needs: 'a completion queue from its creation on, with nothing lost, and completions',
    source: 'NVMe Base 2.0, 3.3.1; Linux 5.7-rc "slimmer CQ head update" and its fix',
    watch: (desk) => new CqHeadBeyond(desk),
  },
  {
    id: 'duplicate-cid',
    severity: 'error',
    title: 'A command identifier is used while it is outstanding.',
    doc: 'Identifiers must be unique among the outstanding commands of a queue. A device that runs round its ring, because it read a tail outside it, fetches the same entries again and shows the same.',
    evidence: 'the identifier',
    needs: 'a submission queue from its creation on, with nothing lost, fetches and completions',
    source: 'NVMe Base 2.0, Command Identifier Conflict',
    watch: (desk) => new DuplicateCid(desk),
  },
  {
    id: 'unmatched-completion',
    severity: 'error',
    title: 'A completion belongs to no outstanding command.',
    doc: 'Left open for queues that are older than the capture, and after losses.',
    evidence: 'the identifier',
    needs: 'a queue pair from its creation on, with nothing lost, fetches and completions',
    source: 'Linux: "could not locate request for tag", "invalid id completed"; QEMU ea3c76f149',
    watch: (desk) => new UnmatchedCompletion(desk),
  },
  {
    id: 'zeroed-entry',
    severity: 'error',
    title: 'The device executed an entry that the driver never filled.',
    doc: 'A stale or wrong tail makes the device fetch entries of zeroes, which read as Flush of namespace 0 with identifier 0. QEMU answers with status 400Bh.',
    evidence: 'identifier, opcode, status',
    needs: "the device's view: fetches and completions",
    source: 'QEMU hw/nvme nvme_io_cmd, nvme_create_sq (shadow word not initialised)',
    watch: (desk) => new ZeroedEntry(desk),
  },
];
