// The driver's announcement of a new value, one step of its model at a time; the same steps that the replay runs at one instant.

import { unreachable } from '../base/assert.js';
import type { AnnounceStep, DriverModel } from '../model/driver/driver.js';
import { withBarrierStep } from '../model/driver/knobs.js';
import type { Action } from './explore.js';
import { type Memory, type MemoryModel, type Word, fullBarrier, load, readBarrier, store, writeBarrier } from './memory.js';

/** `write-register`: there are no shadow doorbells. */
type Announcing = AnnounceStep | 'write-register';

/** What is explored of a driver. */
export interface Announcer extends Pick<DriverModel, 'batched' | 'ringNeeded'> {
  readonly announce: readonly Announcing[];
}

export type DriverBarrier = 'full' | 'read' | 'none';

/** Where the driver is in an announcement. */
export interface Announcement {
  /** Next step, or -1 between announcements. */
  readonly at: number;
  /** What is or was announced last. */
  readonly value: number;
  readonly old: number;
  readonly eventIdx: number;
}

/** What both threads can reach. */
export interface Shared {
  readonly memory: Memory;
  /** A ring has arrived that the device hasn't taken yet; rings that meet are one, as with an eventfd. */
  readonly rung: boolean;
}

export interface Announced {
  readonly announcement: Announcement;
  readonly shared: Shared;
  readonly action: Omit<Action, 'thread'>;
}

export const SILENT: Announcement = { at: -1, value: 0, old: 0, eventIdx: 0 };

/** A driver's barrier between the shadow store and the EventIdx load. */
export function barrierOf({ announce }: DriverModel): DriverBarrier {
  if (announce.includes('full-barrier')) return 'full';
  return announce.includes('read-barrier') ? 'read' : 'none';
}

/** The same driver with that barrier between the shadow store and the EventIdx load, and no other. */
export function withBarrier(driver: DriverModel, barrier: DriverBarrier): DriverModel {
  return withBarrierStep(driver, barrier === 'none' ? undefined : `${barrier}-barrier`);
}

/** The same driver without shadow doorbells. */
export function onRegister(driver: DriverModel): Announcer {
  return { ...driver, announce: ['write-register'] };
}

/** Takes the announcement's next step. */
export function announceStep(driver: Announcer, model: MemoryModel, current: Announcement, shared: Shared): Announced {
  const step = driver.announce[current.at]!;
  const { value } = current;
  const announcement = current.at + 1 === driver.announce.length ? { ...current, at: -1 } : { ...current, at: current.at + 1 };
  const { memory } = shared;
  switch (step) {
    case 'load-old': {
      const { value: word, memory: loaded } = load(memory, 'driver', 'shadow');
      const old = word & 0xffff;
      return { announcement: { ...announcement, old }, shared: { ...shared, memory: loaded }, action: { action: step, value: old, text: `loads its old value: ${old}` } };
    }
    case 'store-shadow':
      return { announcement, shared: { ...shared, memory: store(model, memory, 'driver', 'shadow', value) }, action: { action: step, value, text: `stores shadow = ${value}` } };
    case 'full-barrier':
      return { announcement, shared: { ...shared, memory: fullBarrier(memory, 'driver') }, action: { action: step, text: 'full barrier: its stores are visible' } };
    case 'read-barrier':
      return { announcement, shared: { ...shared, memory: readBarrier(memory, 'driver') }, action: { action: step, text: 'read barrier: orders loads alone' } };
    case 'load-eventidx': {
      const { value: word, memory: loaded } = load(memory, 'driver', 'EventIdx');
      const eventIdx = word & 0xffff;
      return { announcement: { ...announcement, eventIdx }, shared: { ...shared, memory: loaded }, action: { action: step, value: eventIdx, text: `loads EventIdx: ${eventIdx}` } };
    }
    case 'ring-if-needed': {
      const how = `${current.old} -> ${value} against EventIdx ${current.eventIdx}`;
      if (!driver.ringNeeded(current.eventIdx, value, current.old)) return { announcement: rest(announcement), shared, action: { action: 'suppressed', value, text: `doesn't ring: ${how}` } };
      return { announcement: rest(announcement), shared: { memory: writeBarrier(memory, 'driver'), rung: true }, action: { action: 'ring', value, text: `rings: ${how}` } };
    }
    case 'write-register': {
      const written = { ...memory, visible: { ...memory.visible, shadow: value } };
      return { announcement: rest(announcement), shared: { memory: written, rung: true }, action: { action: 'ring', value, text: `writes the register: ${value}` } };
    }
    default:
      return unreachable(step);
  }
}

/** Forgets what the next announcement loads anew, so that states that behave alike are one. */
function rest(announcement: Announcement): Announcement {
  return { ...announcement, old: 0, eventIdx: 0 };
}

/**
 * Whether the next load of EventIdx may be satisfied early: one that a barrier would discard needn't be explored.
 * Element at + 1 is for a driver that is at step `at`.
 */
export function earlyLoads({ announce }: Announcer): readonly (readonly Word[])[] {
  return [-1, ...announce.keys()].map((at) => {
    const ahead = [...announce.slice(Math.max(at, 0)), ...announce];
    const next = ahead.find((step) => step === 'load-eventidx' || step === 'full-barrier' || step === 'read-barrier');
    return next === 'load-eventidx' ? ['EventIdx'] : [];
  });
}

export function announcementKey({ at, value, old, eventIdx }: Announcement): string {
  return `${at},${value},${old},${eventIdx}`;
}
