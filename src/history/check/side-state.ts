// What is known of one doorbell: register writes, shadow values that the device read, and EventIdx values that it
// published, in the order of the trace, with ring positions unwrapped so that they can be compared.
//
//   reads      5 . . . 6 . . 7        position = laps * depth + index
//   EventIdx   . 5 . . . 6 . . 7      which of them could the driver have read when it rang for 7?

import { distance } from '../../nvme/ring.js';

/** Reads and publications remembered per doorbell; a write whose explanation lies further back is left open. */
const MAX_LOG = 512;
/** Laps that are tried for one register write. */
export const MAX_PLACES = 8;

/** A shadow value that the device read (at its position), or an EventIdx value that it published. */
export interface WordEvent {
  readonly published: boolean;
  readonly value: number;
  readonly position: number;
}

/** One doorbell from its queue's creation to its end, or from the first sign of it. */
export class SideState {
  readonly controller: number;
  readonly queue: number;
  readonly side: number;
  /** Entries of the ring; NaN when positions can't be told. */
  depth: number;
  /** Register writes, shadow reads, EventIdx publications. */
  writes = 0;
  reads = 0;
  published = 0;
  lastWrite = NaN;
  lastRead = NaN;
  lastPublished = NaN;
  /** Unwrapped position of the last read, and the least that the last register write can have. */
  readPosition = 0;
  writePosition = 0;
  /** `writePosition` when the word was last read. */
  writtenAtRead = 0;
  /** Reads and publications, oldest first, as far back as is remembered. */
  readonly log: WordEvent[] = [];

  /** @param depth entries of the ring, where the capture shows its creation; else NaN */
  constructor(controller: number, queue: number, side: number, depth: number) {
    this.controller = controller;
    this.queue = queue;
    this.side = side;
    this.depth = depth;
  }

  /**
   * Positions that a register write of `value` may have: behind what the device read already, when it came late, or
   * beyond it. Writes of one doorbell come in the driver's order. `furthest`: see furthestOf.
   */
  places(value: number, furthest: number): number[] {
    const step = distance(this.writePosition % this.depth, value, this.depth);
    const found: number[] = [];
    // A value that is written again stands a lap further on.
    for (let at = this.writePosition + (step === 0 ? this.depth : step); at <= furthest && found.length < MAX_PLACES; at += this.depth) found.push(at);
    return found;
  }

  /** The position of a shadow value: not before the last one read, and as far as possible not before the register. */
  readPlace(value: number, furthest: number): number {
    let at = this.readPosition + distance(this.readPosition % this.depth, value, this.depth);
    while (at < this.writePosition && at + this.depth <= furthest) at += this.depth;
    return at;
  }

  write(value: number, furthest: number): void {
    this.writes += 1;
    this.lastWrite = value;
    if (Number.isNaN(this.depth) || value >= this.depth) return;
    const [least] = this.places(value, furthest);
    if (least !== undefined) this.writePosition = least;
  }

  read(value: number, furthest: number): void {
    const index = value % 65_536;
    const again = index === this.lastRead && this.log.at(-1)?.published !== true;
    if (!Number.isNaN(this.depth) && index < this.depth) this.readPosition = this.readPlace(index, furthest);
    this.writtenAtRead = this.writePosition;
    this.reads += 1;
    this.lastRead = index;
    if (!again) this.remember({ published: false, value: index, position: this.readPosition });
  }

  publish(value: number): void {
    const index = value % 65_536;
    this.published += 1;
    if (index === this.lastPublished) return;
    this.lastPublished = index;
    this.remember({ published: true, value: index, position: NaN });
  }

  /** Doorbell Buffer Config: from now on other words count, and the registers may be taken over by eventfds. */
  reconfigure(): void {
    this.writes = 0;
    this.reads = 0;
    this.published = 0;
    this.lastPublished = NaN;
    this.log.length = 0;
  }

  /** What was read and published is no longer known to be all there was. */
  forget(): void {
    this.log.length = 0;
    this.lastPublished = NaN;
    this.depth = NaN;
  }

  private remember(event: WordEvent): void {
    if (this.log.length === MAX_LOG) this.log.splice(0, MAX_LOG / 2);
    this.log.push(event);
  }
}
