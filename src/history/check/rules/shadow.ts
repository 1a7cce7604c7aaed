// What stands in the shadow words: older than the register, left over from another life, or in the wrong byte order.

import { ABSENT, type EventBatch } from '../../../trace/batch.js';
import { KIND, SIDE_SQ } from '../../../trace/event.js';
import { PerKey, doorbellKey, doorbellOf } from '../per-key.js';
import { type Rule, Watcher, doorbellName } from '../rule.js';
import { furthestOf } from '../sides.js';

class BehindRegister extends Watcher {
  override readonly kinds = ['doorbell.shadow'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const controller = batch.controller[row]!;
    // Linux never stores the admin queue's words: QEMU copies the register there.
    if (queue === 0) return;
    const view = this.desk.controller(controller);
    const state = this.desk.side(controller, queue, side);
    const value = batch.value[row]! % 65_536;
    if (state === undefined || state.writes === 0 || Number.isNaN(state.depth) || value >= state.depth) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const at = state.readPlace(value, furthestOf(view, queue, side));
    if (at >= state.writePosition) return;
    // A device of several threads may have loaded the word just before the write, but not before the read before.
    const severity = state.reads > 0 && at < state.writtenAtRead ? 'error' : 'warning';
    this.desk.report({ queue, side }, `the ${doorbellName(side)} register was written with ${state.lastWrite}, and the shadow word still holds ${value}`, severity);
  }
}

class StaleWord extends Watcher {
  override readonly kinds = ['doorbell.shadow'] as const;

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const controller = batch.controller[row]!;
    if (queue === 0) return;
    const view = this.desk.controller(controller);
    const life = side === SIDE_SQ ? view.sqs.get(queue) : view.cqs.get(queue);
    const state = this.desk.side(controller, queue, side);
    if (state !== undefined && state.reads > 0) return;
    if (life === undefined || !life.whole) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const value = batch.value[row]! % 65_536;
    if (value === 0) return;
    const sq = view.sqs.get(queue);
    const moved = side === SIDE_SQ ? (sq?.setups ?? 0) : view.cqs.get(queue)!.completed;
    const rung = state !== undefined && state.writes > 0;
    const seesDriver = side === SIDE_SQ && (sq?.setups ?? 0) > 0;
    const evidence = `the first read of the shadow ${doorbellName(side)} after the queue's creation gave ${value}`;
    if (side !== SIDE_SQ) {
      if (value > moved) this.desk.report({ queue, side }, `${evidence}, with ${moved} completions posted`);
    } else if (seesDriver && value > moved) {
      this.desk.report({ queue, side }, `${evidence}, with ${moved} commands set up`);
    } else if (!rung) {
      const inherited = this.desk.inherited(controller, queue, side);
      // An EventIdx that was published before may have kept the driver from ringing.
      if (state !== undefined && state.published > 0) this.open += 1;
      else if (inherited === value) this.desk.report({ queue, side }, `${evidence}: the value from before its creation, and the register was not written yet`);
      else if (sq?.fetched === 0) this.desk.report({ queue, side }, `${evidence}, before any register write`, 'warning');
    }
  }
}

/** Different values after which a pattern is no accident. */
const ENOUGH_VALUES = 3;

interface Order {
  readonly controller: number;
  readonly queue: number;
  readonly side: number;
  /** Register values whose next shadow read was byte-swapped, zero, or right. */
  readonly swapped: Set<number>;
  readonly zero: Set<number>;
  right: number;
  written: number;
}

function newOrder(key: number): Order {
  return { ...doorbellOf(key), swapped: new Set(), zero: new Set(), right: 0, written: NaN };
}

class ByteOrder extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow'] as const;
  private readonly orders = new PerKey<number, Order>(newOrder);

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const value = batch.value[row]!;
    if (queue === 0 || queue === ABSENT || Number.isNaN(value)) return;
    const controller = batch.controller[row]!;
    const side = batch.side[row]!;
    const order = this.orders.at(doorbellKey(controller, queue, side));
    if (order === undefined) return;
    if (batch.kind[row] === KIND['doorbell.mmio']) order.written = value;
    else this.read(order, value);
  }

  private read(order: Order, value: number): void {
    const { written } = order;
    if (Number.isNaN(written) || written === 0 || isPalindrome(written)) return;
    order.written = NaN;
    if (value === swap32(written) || value === swap16(written)) addSome(order.swapped, written);
    else if (value === 0) addSome(order.zero, written);
    else order.right += 1;
  }

  override end(): void {
    for (const { controller, queue, side, swapped, zero, right } of this.orders.values()) {
      if (swapped.size + zero.size + right === 0) {
        this.open += 1;
        continue;
      }
      this.checked += 1;
      if (right > swapped.size + zero.size) continue;
      const where = { controller, queue, side, at: undefined };
      if (swapped.size >= ENOUGH_VALUES) {
        const [first] = swapped;
        this.desk.report(where, `after register writes of ${swapped.size} different values the shadow ${doorbellName(side)} held them byte-swapped, as ${first} in the order of ${swap16(first!)}`);
      } else if (zero.size >= ENOUGH_VALUES && right === 0) {
        const [first] = zero;
        this.desk.report(where, `after register writes of ${zero.size} different values, ${first} the first, the low 16 bits of the shadow ${doorbellName(side)} were always 0`, 'warning');
      }
    }
  }
}

function addSome(values: Set<number>, value: number): void {
  if (values.size < 64) values.add(value);
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** A 32-bit word read in the other byte order; its low 16 bits are 0 for every value of 16 bits. */
function swap32(value: number): number {
  return swap16(value & 0xffff) * 65_536;
}

function isPalindrome(value: number): boolean {
  return swap16(value) === value;
}

export const SHADOW_RULES: readonly Rule[] = [
  {
    id: 'shadow-behind-register',
    severity: 'error',
    title: 'The shadow word is older than the register.',
    doc: 'A driver stores the shadow word before it decides to ring, so a read after the register write must give that value or a later one. Devices take the word for the truth and lose what was announced. A warning where the write came after the read before, because a device of several threads may have loaded the word in between; else an error.',
    evidence: 'the value written and the value read',
    needs: 'shadow doorbells on an I/O queue from its creation on, a register write and a read after it',
    source: 'NVMe Base 2.0, 5.8; QEMU hw/nvme nvme_process_sq',
    watch: (desk) => new BehindRegister(desk),
  },
  {
    id: 'stale-shadow-word',
    severity: 'error',
    title: 'A shadow word holds a value from before its queue was created.',
    doc: 'Drivers must put 0 into both words before a queue is created or the controller comes back from a reset. An error where the value exceeds the commands that were set up or the completions that were posted, or equals the last value of the queue before; a warning where it is only not 0 before any register write.',
    evidence: 'the value read first, and what it is compared with',
    needs: 'the creation of a queue and the first shadow read on it',
    source: 'Linux 58847f12fe78 (clear shadow doorbell memory on resets); QEMU hw/nvme nvme_create_sq',
    watch: (desk) => new StaleWord(desk),
  },
  {
    id: 'shadow-byte-order',
    severity: 'error',
    title: 'Shadow values are byte-swapped.',
    doc: `The words are little-endian. Decided by ${ENOUGH_VALUES} different register values whose next shadow read gave them with their bytes swapped. Many traces show the low 16 bits alone, which are 0 for a swapped 32-bit word: values that are always 0 are a warning, because a driver that never stores looks the same.`,
    evidence: 'how many values, and one of them',
    needs: 'register writes each followed by a shadow read on an I/O queue',
    source: 'Linux b5f96cb719d8; QEMU 2fda0726e5, ea3c76f149',
    watch: (desk) => new ByteOrder(desk),
  },
];
