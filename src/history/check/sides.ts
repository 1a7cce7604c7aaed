// What is known of each doorbell: register writes, shadow values that the device read, and EventIdx values that it
// published, in the order of the trace, with ring positions unwrapped so that they can be compared.
//
//   reads      5 . . . 6 . . 7        position = laps * depth + index
//   EventIdx   . 5 . . . 6 . . 7      which of them could the driver have read when it rang for 7?

import { distance } from '../../nvme/ring.js';
import type { EventBatch } from '../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { ControllerView } from '../controller.js';

/** Doorbells followed at most; the words of a controller with 64 queue pairs need 130. */
export const MAX_SIDES = 16_384;
/** Reads and publications remembered per doorbell: four laps of the shortest, one of a ring of 256. */
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
  /** Entries of the ring, as far as the capture shows its creation; else NaN. */
  depth = NaN;
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
  /** Reads and publications, oldest first; `cut` once older ones were dropped. */
  readonly log: WordEvent[] = [];
  cut = false;

  constructor(controller: number, queue: number, side: number) {
    this.controller = controller;
    this.queue = queue;
    this.side = side;
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
    this.cut = true;
    this.lastPublished = NaN;
    this.depth = NaN;
  }

  private remember(event: WordEvent): void {
    if (this.log.length === MAX_LOG) {
      this.log.splice(0, MAX_LOG / 2);
      this.cut = true;
    }
    this.log.push(event);
  }
}

/** Follows the doorbells of all controllers. */
export class Sides {
  private readonly states = new Map<number, SideState>();
  /** Last shadow values of lives that have ended. */
  private readonly inherited = new Map<number, number>();
  /** Events of doorbells beyond MAX_SIDES, which nobody looks at. */
  untracked = 0;

  get(controller: number, queue: number, side: number): SideState | undefined {
    return this.states.get(keyOf(controller, queue, side));
  }

  inheritedValue(controller: number, queue: number, side: number): number {
    return this.inherited.get(keyOf(controller, queue, side)) ?? NaN;
  }

  /** Takes an event before the history does: the room that the driver had is still known then. */
  take(batch: EventBatch, row: number, view: ControllerView): void {
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
      case KIND['doorbell.shadow']:
      case KIND.eventidx:
        this.doorbell(batch, row, view);
        break;
      case KIND['queue.create']:
      case KIND['queue.delete']:
        this.close(keyOf(view.id, batch.queue[row]!, batch.side[row]!));
        break;
      case KIND['controller.reset']:
      case KIND['controller.enable']:
        for (const [key, state] of this.states) if (state.controller === view.id) this.close(key);
        break;
      case KIND['dbbuf.config']:
        for (const state of this.states.values()) if (state.controller === view.id) state.reconfigure();
        break;
      case KIND.lost:
        for (const state of this.states.values()) state.forget();
        break;
      default:
        break;
    }
  }

  private doorbell(batch: EventBatch, row: number, view: ControllerView): void {
    const value = batch.value[row]!;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const state = this.opened(view, queue, side);
    if (state === undefined) return;
    if (Number.isNaN(value)) return;
    if (batch.kind[row] === KIND['doorbell.shadow']) state.read(value, furthestOf(view, queue, side));
    else if (batch.kind[row] === KIND.eventidx) state.publish(value);
    else state.write(value % 65_536, furthestOf(view, queue, side));
  }

  private opened(view: ControllerView, queue: number, side: number): SideState | undefined {
    const key = keyOf(view.id, queue, side);
    let state = this.states.get(key);
    if (state === undefined) {
      if (this.states.size >= MAX_SIDES) {
        this.untracked += 1;
        return undefined;
      }
      state = new SideState(view.id, queue, side);
      state.depth = depthOf(view, queue, side);
      this.states.set(key, state);
    }
    return state;
  }

  private close(key: number): void {
    const state = this.states.get(key);
    if (state === undefined) return;
    this.states.delete(key);
    if (!Number.isNaN(state.lastRead) && (this.inherited.has(key) || this.inherited.size < MAX_SIDES)) this.inherited.set(key, state.lastRead);
  }
}

/** The furthest position that the driver can have reached: an SQ slot is free once it is fetched, a CQ entry there once it is posted. */
export function furthestOf(view: ControllerView, queue: number, side: number): number {
  if (side === SIDE_CQ) return view.cqs.get(queue)?.completed ?? 0;
  const sq = view.sqs.get(queue);
  return sq === undefined ? 0 : sq.fetched + sq.depth - 1;
}

function depthOf(view: ControllerView, queue: number, side: number): number {
  const life = side === SIDE_SQ ? view.sqs.get(queue) : view.cqs.get(queue);
  return life === undefined || life.depthInferred || !life.whole ? NaN : life.depth;
}

function keyOf(controller: number, queue: number, side: number): number {
  return (controller * 65_536 + queue) * 2 + side;
}
