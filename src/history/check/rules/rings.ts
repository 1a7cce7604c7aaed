// Register writes under shadow doorbells: those that EventIdx did not ask for, and those that it asked for in vain.

import { advance, distance } from '../../../nvme/ring.js';
import type { EventBatch } from '../../../trace/batch.js';
import { KIND } from '../../../trace/event.js';
import type { Position } from '../finding.js';
import { type Rule, Watcher, doorbellName } from '../rule.js';
import { askedFor } from '../asked.js';
import type { SideState } from '../side-state.js';

class UnaskedRing extends Watcher {
  override readonly kinds = ['doorbell.mmio'] as const;

  override before(batch: EventBatch, row: number): void {
    const value = batch.value[row]!;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const controller = batch.controller[row]!;
    const view = this.desk.controller(controller);
    if (!view.shadow || queue === 0) return;
    const verdict = askedFor(view, this.desk.side(controller, queue, side), value);
    if (verdict === undefined) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    if (verdict.asked) return;
    const { from, values } = verdict;
    const shown = [...new Set(values)];
    const list = shown.length > 4 ? `${shown.slice(0, 4).join(', ')} and ${shown.length - 4} more` : shown.join(', ');
    this.desk.report({ queue, side }, `${doorbellName(side)} ${value} written after the device had read ${from}; EventIdx was ${list}`);
  }
}

/** A write that the driver owed when it passed EventIdx on its way to a value that the device read. */
interface Owed {
  readonly eventIdx: number;
  readonly from: number;
  readonly value: number;
  readonly at: Position;
}

class MissedRing extends Watcher {
  override readonly kinds = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'] as const;
  private readonly owing = new WeakMap<SideState, Owed>();

  override before(batch: EventBatch, row: number): void {
    const queue = batch.queue[row]!;
    const value = batch.value[row]! % 65_536;
    if (queue === 0 || Number.isNaN(value)) return;
    const state = this.desk.side(batch.controller[row]!, queue, batch.side[row]!);
    if (state === undefined || Number.isNaN(state.depth) || value >= state.depth) return;
    if (batch.kind[row] === KIND['doorbell.shadow']) this.read(state, value);
    else if (batch.kind[row] === KIND['doorbell.mmio']) this.written(state, value);
    else this.published(state, value);
  }

  /** The device reads `value`. */
  private read(state: SideState, value: number): void {
    if (state.reads === 0 || value === state.lastRead) return;
    const owed = this.owing.get(state);
    if (owed !== undefined) this.missed(state, owed, value);
    const previous = state.log.at(-1);
    const from = state.lastRead;
    const eventIdx = state.lastPublished;
    // Only an index that was in force at the last read and hasn't changed since must have been seen.
    if (previous === undefined || previous.published || Number.isNaN(eventIdx) || eventIdx >= state.depth) {
      this.open += 1;
      return;
    }
    this.checked += 1;
    const passed = distance(from, eventIdx, state.depth) < distance(from, value, state.depth);
    if (!passed || isWithin(state.lastWrite, eventIdx, value, state.depth)) return;
    this.owing.set(state, { eventIdx, from, value, at: this.desk.position() });
  }

  private written(state: SideState, value: number): void {
    const owed = this.owing.get(state);
    if (owed === undefined) return;
    if (isWithin(value, owed.eventIdx, owed.value, state.depth)) this.owing.delete(state);
    else this.missed(state, owed, value);
  }

  /** From now on the driver may have loaded another value. */
  private published(state: SideState, value: number): void {
    if (this.owing.get(state)?.eventIdx !== value) this.owing.delete(state);
  }

  private missed(state: SideState, { eventIdx, from, value, at }: Owed, next: number): void {
    this.owing.delete(state);
    // Where no register write shows, an eventfd may take them: nothing need be missing.
    if (state.writes === 0) {
      this.checked -= 1;
      this.open += 1;
      return;
    }
    const { controller, queue, side } = state;
    const evidence = `${doorbellName(side)} went from ${from} to ${value} past EventIdx ${eventIdx} and on to ${next}, and the register was not written`;
    this.desk.report({ controller, queue, side, at }, evidence);
  }
}

/** Whether `value` is in (from, to] on the ring. */
function isWithin(value: number, from: number, to: number, depth: number): boolean {
  if (Number.isNaN(value)) return false;
  const first = advance(from, 1, depth);
  return distance(first, value, depth) <= distance(first, to, depth);
}

export const RING_RULES: readonly Rule[] = [
  {
    id: 'unasked-ring',
    severity: 'warning',
    title: 'The driver writes a doorbell register although EventIdx did not ask for it.',
    doc: 'Each such write is an exit for nothing; it harms nobody. Every index from the last value that the device had read before is tried as the old one, and every EventIdx in force then or published since, also by the rule of drivers that ring at both ends of the interval (SPDK, libvfn). What is left is not explained by a race.',
    evidence: 'the value written, the value read before it, and the EventIdx values that the driver may have loaded',
    needs: 'shadow doorbells, a queue from its creation on, a shadow read and an EventIdx before the write',
    source: 'NVMe Base 2.0, 5.8 and B.5; Linux nvme_dbbuf_need_event',
    watch: (desk) => new UnaskedRing(desk),
  },
  {
    id: 'missed-ring',
    severity: 'error',
    title: 'The driver passes EventIdx and does not write the doorbell register.',
    doc: 'A device that sleeps is not woken: a lost wake-up. Decided only where EventIdx was published before the device read the old value, did not change until it read the new one and a further one, and no register write from beyond EventIdx up to the new value came: the driver holds its queue until a write is done, so none can be under way. A device that publishes after every command leaves most cases open; there the wait shows as stalled-command.',
    evidence: 'the values before and after, EventIdx, and the value after that',
    needs: 'shadow doorbells, a queue from its creation on, register writes that are visible, an EventIdx that stays',
    source: 'NVMe Base 2.0, 5.8; Linux f1ed3df20d2d (barrier), SPDK 7188bb994f',
    watch: (desk) => new MissedRing(desk),
  },
];
