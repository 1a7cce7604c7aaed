// Anchors: the events by which two captures of one run recognise each other. Two captures share an anchor when both saw
// the same event (a doorbell write in mmiotrace and in QEMU's log) or two ends of the same step (the driver built command
// cid 17 of queue 1, the device fetched it). Which of the two came first is known for most of them, and that is what a
// clock offset can be bounded by: see fit.ts.

import { ABSENT, type EventBatch } from '../batch.js';
import { KIND } from '../event.js';

/** Anchors kept of one capture, 16 bytes each: a longer capture keeps those of fewer keys, but all of these. */
export const MAX_ANCHORS = 1 << 18;

/** What two anchors of the same key have to do with each other. */
export const ANCHOR = {
  /** Both saw the same doorbell write. */
  doorbell: 0,
  /** Both saw the same register access. */
  register: 1,
  /** The driver built the command, or the device fetched it. */
  start: 2,
  /** The device finished the command, or the driver consumed its completion. */
  finish: 3,
} as const;

/** Where a capture was made, in the order in which a command's way passes there. */
export const VIEW = { driver: 0, hypervisor: 1, device: 2 } as const;
export type View = (typeof VIEW)[keyof typeof VIEW];

const CLASS_UNIT = 2 ** 50;
const CONTROLLER_UNIT = 2 ** 42;
const QUEUE_UNIT = 2 ** 25;
const CLASSES = [ANCHOR.doorbell, ANCHOR.register, ANCHOR.start, ANCHOR.finish];

/** Which of ANCHOR a key belongs to. */
export function classOf(key: number): number {
  return CLASSES[Math.floor(key / CLASS_UNIT)]!;
}

/** Collects the anchors of one capture, in its order, and what view it has. */
export class AnchorLog {
  /** Keys and times in ns since the capture's origin, `length` of them. */
  keys = new Float64Array(1024);
  timesNs = new Float64Array(1024);
  length = 0;
  private readonly modulus: number;
  private sawDevice = false;
  private sawHypervisor = false;

  /** `modulus`: keeps the keys of one residue class only. The same for all captures that are compared. */
  constructor(modulus: number) {
    this.modulus = modulus;
  }

  get view(): View {
    if (this.sawDevice) return VIEW.device;
    return this.sawHypervisor ? VIEW.hypervisor : VIEW.driver;
  }

  push(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const key = this.keyOf(batch, row);
      const timeNs = batch.timeNs[row]!;
      if (Number.isNaN(key) || Number.isNaN(timeNs) || spread(key) % this.modulus !== 0) continue;
      if (this.length === MAX_ANCHORS) return;
      if (this.length === this.keys.length) this.grow();
      this.keys[this.length] = key;
      this.timesNs[this.length] = timeNs;
      this.length += 1;
    }
  }

  private grow(): void {
    const { keys, timesNs } = this;
    this.keys = new Float64Array(keys.length * 2);
    this.keys.set(keys);
    this.timesNs = new Float64Array(keys.length * 2);
    this.timesNs.set(timesNs);
  }

  /** NaN for an event that is no anchor. */
  private keyOf(b: EventBatch, row: number): number {
    const place = b.controller[row]! * CONTROLLER_UNIT + b.queue[row]! * QUEUE_UNIT;
    switch (b.kind[row]) {
      case KIND['doorbell.mmio']:
        return ANCHOR.doorbell * CLASS_UNIT + place + b.side[row]! * 2 ** 24 + (b.value[row]! % 2 ** 16);
      case KIND['register.read']:
      case KIND['register.write']: {
        const write = b.kind[row] === KIND['register.write'];
        const value = write ? (b.value[row]! % 2 ** 24) + 2 ** 24 : 0;
        return ANCHOR.register * CLASS_UNIT + b.controller[row]! * CONTROLLER_UNIT + (b.extra[row]! % 2 ** 14) * QUEUE_UNIT + value;
      }
      case KIND['command.setup']:
        return this.command(b, row, ANCHOR.start, place);
      case KIND['command.fetch']:
        this.sawDevice = true;
        return this.command(b, row, ANCHOR.start, place);
      case KIND['command.complete']:
        this.sawDevice = true;
        return this.command(b, row, ANCHOR.finish, place);
      case KIND['command.reap']:
        return this.command(b, row, ANCHOR.finish, place);
      case KIND['vm.exit']:
        this.sawHypervisor = true;
        return NaN;
      default:
        return NaN;
    }
  }

  private command(b: EventBatch, row: number, anchor: number, place: number): number {
    return b.cid[row] === ABSENT || b.queue[row] === ABSENT ? NaN : anchor * CLASS_UNIT + place + b.cid[row]!;
  }
}

/** Spreads keys evenly over the residue classes (a multiplicative hash). */
function spread(key: number): number {
  const high = Math.floor(key / 2 ** 25) | 0;
  const low = key % 2 ** 25 | 0;
  return (Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b) >>> 8) >>> 0;
}

/** The residue classes that captures of so many events need at most, so that MAX_ANCHORS holds the anchors of each. */
export function modulusFor(events: number): number {
  return Math.max(1, Math.ceil(events / MAX_ANCHORS));
}
