// What is under way on the queues at one moment of a recording: where only a part of it is replayed, commands were begun before the part
// and end in it, and others begin in it and end behind it.

import { ACTION } from './actions.js';

/** Commands under way: on one queue, or on several. */
export interface UnderWay {
  /** Announced and not consumed yet: in the SQ, in the device, or completed. */
  readonly outstanding: number;
  /** Of those: announced and not fetched; completed and not consumed. */
  readonly unfetched: number;
  readonly unreaped: number;
  /** In the device, by opcode. */
  readonly inDevice: ReadonlyMap<number, number>;
}

interface Counts {
  announced: number;
  fetched: number;
  completed: number;
  reaped: number;
  /** By opcode. */
  readonly inDevice: Map<number, number>;
}

function noCounts(): Counts {
  return { announced: 0, fetched: 0, completed: 0, reaped: 0, inDevice: new Map() };
}

/** Counts the actions of queues, which are named by their places in the log. Memory: some numbers for each queue. */
export class InFlight {
  private readonly queues = new Map<number, Counts>();

  /** @param count entries that were announced or consumed; 1 for the other actions */
  take(action: number, place: number, count: number, opcode: number): void {
    let counts = this.queues.get(place);
    if (counts === undefined) {
      counts = noCounts();
      this.queues.set(place, counts);
    }
    switch (action) {
      case ACTION.announce:
        counts.announced += count;
        break;
      case ACTION.fetch:
        counts.fetched += 1;
        counts.inDevice.set(opcode, (counts.inDevice.get(opcode) ?? 0) + 1);
        break;
      case ACTION.complete:
        counts.completed += 1;
        counts.inDevice.set(opcode, (counts.inDevice.get(opcode) ?? 0) - 1);
        break;
      case ACTION.reap:
        counts.reaped += count;
        break;
      default:
        break;
    }
  }

  /** Where a recording begins or has gaps, more ends than was seen to begin: that counts as nothing under way. */
  of(places: readonly number[]): UnderWay {
    const sum = { outstanding: 0, unfetched: 0, unreaped: 0, inDevice: new Map<number, number>() };
    for (const place of places) {
      const { announced, fetched, completed, reaped, inDevice } = this.queues.get(place) ?? noCounts();
      sum.outstanding += Math.max(announced - reaped, 0);
      sum.unfetched += Math.max(announced - fetched, 0);
      sum.unreaped += Math.max(completed - reaped, 0);
      for (const [opcode, count] of inDevice) sum.inDevice.set(opcode, (sum.inDevice.get(opcode) ?? 0) + Math.max(count, 0));
    }
    return sum;
  }

  copy(): InFlight {
    const copy = new InFlight();
    for (const [place, counts] of this.queues) copy.queues.set(place, { ...counts, inDevice: new Map(counts.inDevice) });
    return copy;
  }
}
