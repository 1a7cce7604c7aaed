// Lost-event marks: what a capture says of records that are missing in it.

import type { EventWriter } from '../../trace/batch.js';
import { KIND } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeTarget } from '../format.js';
import type { Stamp } from '../stamp.js';

/** Writes `lost` events and adds their amounts up. */
export class LostWriter {
  private readonly writer: EventWriter;
  private readonly tally: Tally;

  constructor(target: DecodeTarget) {
    this.writer = target.writer;
    this.tally = target.tally;
  }

  /** Turns a record into a mark. NaN: nobody knows how many are missing. False, with nothing written, when no number can hold the sum. */
  write(amount: number, stamp: Stamp): boolean {
    if (!this.mark(amount, stamp, 0)) return false;
    this.tally.events += 1;
    return true;
  }

  /** A mark beside the event that a record became: the record stands for more than itself. */
  mark(amount: number, stamp: Stamp, controller: number): boolean {
    const sum = Number.isNaN(amount) ? this.tally.lost : this.tally.lost + amount;
    if (!Number.isSafeInteger(sum)) return false;
    const row = this.writer.add(KIND.lost, stamp.timeNs);
    const { batch } = this.writer;
    batch.thread[row] = stamp.thread;
    batch.controller[row] = controller;
    batch.value[row] = amount;
    batch.place[row] = stamp.place;
    this.tally.lost = sum;
    return true;
  }
}
