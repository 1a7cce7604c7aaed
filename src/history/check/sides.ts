// The doorbells of all controllers, each from its queue's creation to its end, or from the first sign of it.

import type { EventBatch } from '../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { ControllerView } from '../controller.js';
import { doorbellKey } from './per-key.js';
import { SideState } from './side-state.js';

/** Doorbells followed at most; the words of a controller with 64 queue pairs need 130. */
export const MAX_SIDES = 16_384;

/** A doorbell, and how many resets, configurations and losses it has been told of. */
interface Followed {
  readonly state: SideState;
  readonly life: number;
  configurations: number;
  losses: number;
}

export class Sides {
  private readonly followed = new Map<number, Followed>();
  /** Last shadow values of lives that have ended. */
  private readonly inherited = new Map<number, number>();
  /** Per controller: resets and enables, and Doorbell Buffer Configs. A doorbell learns of them when it is looked at. */
  private readonly lives = new Map<number, number>();
  private readonly configurations = new Map<number, number>();
  private losses = 0;
  /** Whether a reset has happened since ended lives were last thrown out. */
  private stale = false;
  /** Events of doorbells beyond MAX_SIDES, which nobody looks at. */
  untracked = 0;

  /** What is known of a doorbell; undefined when nothing is. */
  get(controller: number, queue: number, side: number): SideState | undefined {
    return this.current(doorbellKey(controller, queue, side), controller);
  }

  /** The shadow value that was read last in the life before this one; NaN when there was none. */
  inheritedValue(controller: number, queue: number, side: number): number {
    return this.inherited.get(doorbellKey(controller, queue, side)) ?? NaN;
  }

  /** Takes an event before the history does: what the driver could have reached is still known then. */
  take(batch: EventBatch, row: number, view: ControllerView): void {
    switch (batch.kind[row]) {
      case KIND['doorbell.mmio']:
      case KIND['doorbell.shadow']:
      case KIND.eventidx:
        this.doorbell(batch, row, view);
        break;
      case KIND['queue.create']:
      case KIND['queue.delete']:
        this.close(doorbellKey(view.id, batch.queue[row]!, batch.side[row]!));
        break;
      case KIND['controller.reset']:
      case KIND['controller.enable']:
        this.lives.set(view.id, (this.lives.get(view.id) ?? 0) + 1);
        this.stale = true;
        break;
      case KIND['dbbuf.config']:
        this.configurations.set(view.id, (this.configurations.get(view.id) ?? 0) + 1);
        break;
      case KIND.lost:
        this.losses += 1;
        break;
      default:
        break;
    }
  }

  private doorbell(batch: EventBatch, row: number, view: ControllerView): void {
    const value = batch.value[row]!;
    const queue = batch.queue[row]!;
    const side = batch.side[row]!;
    const state = this.current(doorbellKey(view.id, queue, side), view.id) ?? this.opened(view, queue, side);
    if (state === undefined || Number.isNaN(value)) return;
    if (batch.kind[row] === KIND['doorbell.shadow']) state.read(value, furthestOf(view, queue, side));
    else if (batch.kind[row] === KIND.eventidx) state.publish(value);
    else state.write(value % 65_536, furthestOf(view, queue, side));
  }

  private opened(view: ControllerView, queue: number, side: number): SideState | undefined {
    if (this.followed.size >= MAX_SIDES && this.stale) this.throwOut();
    if (this.followed.size >= MAX_SIDES) {
      this.untracked += 1;
      return undefined;
    }
    const state = new SideState(view.id, queue, side, depthOf(view, queue, side));
    const life = this.lives.get(view.id) ?? 0;
    this.followed.set(doorbellKey(view.id, queue, side), { state, life, configurations: this.configurations.get(view.id) ?? 0, losses: this.losses });
    return state;
  }

  /** A doorbell with all that happened to its controller. */
  private current(key: number, controller: number): SideState | undefined {
    const own = this.followed.get(key);
    if (own === undefined) return undefined;
    if (own.life !== (this.lives.get(controller) ?? 0)) {
      this.close(key);
      return undefined;
    }
    const configurations = this.configurations.get(controller) ?? 0;
    if (own.configurations !== configurations) own.state.reconfigure();
    if (own.losses !== this.losses) own.state.forget();
    own.configurations = configurations;
    own.losses = this.losses;
    return own.state;
  }

  private throwOut(): void {
    for (const [key, { state, life }] of this.followed) if (life !== (this.lives.get(state.controller) ?? 0)) this.close(key);
    this.stale = false;
  }

  private close(key: number): void {
    const own = this.followed.get(key);
    if (own === undefined) return;
    this.followed.delete(key);
    const { lastRead } = own.state;
    if (!Number.isNaN(lastRead) && (this.inherited.has(key) || this.inherited.size < MAX_SIDES)) this.inherited.set(key, lastRead);
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
