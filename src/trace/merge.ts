// Several captures of one run, put on one timeline.
//
// The events of all captures come out in the order of their aligned times. An event that several captures saw (a doorbell
// write in the host's kvm_mmio and in QEMU's log) comes out once: counted twice it would double every figure made from it.
// Which copy is kept goes by the rank of the sources, so that the order of the kept ones is that of one capture. Within a
// capture the order is kept, even where its time stamps run backwards.
//
// Memory: HELD_EVENTS rows wait for copies of themselves, about 5 MiB.

import { ABSENT, EventBatch, copyRow } from './batch.js';
import type { EventWriter } from './batch.js';
import { KIND } from './event.js';

/** Events that wait at a time. When more lie within the tolerance, the oldest go on without having met their copies. */
export const HELD_EVENTS = 1 << 16;

const PAUSE_EVENTS = 8192;
/** Held events of one key that are looked at for a copy. */
const MAX_CANDIDATES = 256;

/** One capture of the run. */
export interface MergeSource {
  /** Its events in their order; a batch may be reused once the next is asked for. */
  readonly batches: Iterator<EventBatch>;
  /** Of two copies of an event that of the source with the higher rank is kept; no two sources have the same. */
  readonly rank: number;
  /** Time on the common timeline = shiftNs + (1 + drift) * the capture's own; in ns. */
  readonly shiftNs: number;
  readonly drift: number;
  /** Copies of one event lie at most this far apart, in ns. */
  readonly toleranceNs: number;
}

/** What became of a source's events. */
export interface MergeCounts {
  /** Events that went on. */
  kept: number;
  /** Events that another source had as well, and that went on as the other's. */
  merged: number;
}

/** Kinds that say something of the capture or its own vCPU, and are never another capture's. */
const OWN_KINDS: ReadonlySet<number> = new Set([KIND.lost, KIND.mark, KIND['vm.exit'], KIND['vm.entry']]);

/**
 * Writes the events of all sources in the order of their common times; returns the counts of each. Doesn't flush.
 * Pauses after every PAUSE_EVENTS events, so that the caller can let signals and timers through.
 */
export function* mergeEvents(sources: readonly MergeSource[], writer: EventWriter): Generator<undefined, readonly MergeCounts[]> {
  const heads = sources.map((source, index) => new Head(source, index));
  const held = new HeldEvents(sources, writer);
  for (let taken = 1; ; taken++) {
    let next: Head | undefined;
    for (const head of heads) {
      if (!head.ended && (next === undefined || head.orderNs < next.orderNs)) next = head;
    }
    if (next === undefined) break;
    held.take(next);
    next.advance();
    if (taken % PAUSE_EVENTS === 0) yield undefined;
  }
  held.flush();
  return held.counts;
}

/** The first event of a source that has not been merged yet. */
class Head {
  readonly index: number;
  batch = new EventBatch(0);
  row = -1;
  ended = false;
  /** Its time on the common timeline. */
  timeNs = NaN;
  /** The latest common time that the source has come to: the order goes by it. */
  orderNs = -Infinity;
  private readonly source: MergeSource;

  constructor(source: MergeSource, index: number) {
    this.source = source;
    this.index = index;
    this.advance();
  }

  advance(): void {
    this.row += 1;
    while (this.row >= this.batch.length) {
      const next = this.source.batches.next();
      if (next.done === true) {
        this.ended = true;
        return;
      }
      this.batch = next.value;
      this.row = 0;
    }
    const ownNs = this.batch.timeNs[this.row]!;
    this.timeNs = Math.round(this.source.shiftNs + ownNs + this.source.drift * ownNs);
    if (this.timeNs > this.orderNs) this.orderNs = this.timeNs;
  }
}

/** The events that may still meet a copy of themselves, in order: a ring of rows, and a list of them for each key. */
class HeldEvents {
  readonly counts: readonly MergeCounts[];
  private readonly sources: readonly MergeSource[];
  private readonly writer: EventWriter;
  private readonly ring = new EventBatch(HELD_EVENTS);
  private readonly orderNs = new Float64Array(HELD_EVENTS);
  /** Bit s: source s has this event. */
  private readonly seenBy = new Uint16Array(HELD_EVENTS);
  /** 1: a copy goes on in its place. */
  private readonly dropped = new Uint8Array(HELD_EVENTS);
  private readonly keys = new Float64Array(HELD_EVENTS);
  /** Numbers of the held events by key, oldest first. */
  private readonly byKey = new Map<number, number[]>();
  private first = 0;
  private next = 0;
  private readonly toleranceNs: number;

  constructor(sources: readonly MergeSource[], writer: EventWriter) {
    this.sources = sources;
    this.writer = writer;
    this.counts = sources.map(() => ({ kept: 0, merged: 0 }));
    this.toleranceNs = Math.max(...sources.map((source) => source.toleranceNs));
  }

  take(head: Head): void {
    while (this.first < this.next && this.orderNs[this.first % HELD_EVENTS]! < head.orderNs - this.toleranceNs) this.release();
    if (this.next - this.first === HELD_EVENTS) this.release();
    const number = this.next++;
    const slot = number % HELD_EVENTS;
    copyRow(head.batch, head.row, this.ring, slot);
    this.ring.timeNs[slot] = head.timeNs;
    this.ring.source[slot] = head.index;
    this.orderNs[slot] = head.orderNs;
    this.seenBy[slot] = 1 << head.index;
    this.dropped[slot] = 0;
    const key = OWN_KINDS.has(this.ring.kind[slot]!) ? NaN : keyOf(this.ring, slot);
    this.keys[slot] = key;
    if (Number.isNaN(key)) return;
    const others = this.byKey.get(key);
    if (others === undefined) {
      this.byKey.set(key, [number]);
      return;
    }
    const copy = others.slice(-MAX_CANDIDATES).find((other) => this.isCopy(other % HELD_EVENTS, slot));
    others.push(number);
    if (copy !== undefined) this.join(copy % HELD_EVENTS, slot);
  }

  flush(): void {
    while (this.first < this.next) this.release();
  }

  /** Whether two rows with the same key are one event of two sources. */
  private isCopy(a: number, b: number): boolean {
    const { ring } = this;
    return (
      this.dropped[a] === 0 &&
      (this.seenBy[a]! & this.seenBy[b]!) === 0 &&
      Math.abs(this.orderNs[a]! - this.orderNs[b]!) <= this.toleranceBetween(ring.source[a]!, ring.source[b]!) &&
      agree(ring.value[a]!, ring.value[b]!, NaN) &&
      agree(ring.extra[a]!, ring.extra[b]!, NaN) &&
      agree(ring.opcode[a]!, ring.opcode[b]!, ABSENT) &&
      agree(ring.status[a]!, ring.status[b]!, ABSENT)
    );
  }

  private toleranceBetween(a: number, b: number): number {
    return Math.max(this.sources[a]!.toleranceNs, this.sources[b]!.toleranceNs);
  }

  /** Keeps the row of the higher rank, completed by what only the other says. */
  private join(a: number, b: number): void {
    const { ring } = this;
    const rankOf = (slot: number): number => this.sources[ring.source[slot]!]!.rank;
    const [kept, other] = rankOf(a) > rankOf(b) ? [a, b] : [b, a];
    this.dropped[other] = 1;
    this.seenBy[kept] = this.seenBy[kept]! | this.seenBy[other]!;
    this.counts[ring.source[other]!]!.merged += 1;
    if (Number.isNaN(ring.value[kept]!)) ring.value[kept] = ring.value[other]!;
    if (Number.isNaN(ring.extra[kept]!)) ring.extra[kept] = ring.extra[other]!;
    if (ring.opcode[kept] === ABSENT) ring.opcode[kept] = ring.opcode[other]!;
    if (ring.status[kept] === ABSENT) ring.status[kept] = ring.status[other]!;
  }

  /** Lets the oldest row go on. */
  private release(): void {
    const slot = this.first++ % HELD_EVENTS;
    const key = this.keys[slot]!;
    if (!Number.isNaN(key)) {
      const numbers = this.byKey.get(key)!;
      numbers.shift();
      if (numbers.length === 0) this.byKey.delete(key);
    }
    if (this.dropped[slot] === 1) return;
    this.writer.copy(this.ring, slot);
    this.counts[this.ring.source[slot]!]!.kept += 1;
  }
}

/** What two rows must share to be looked at as copies of each other. */
function keyOf(b: EventBatch, row: number): number {
  const cid = b.cid[row]! + 1;
  const queue = b.queue[row]! + 1;
  return ((cid * 2 ** 17 + queue) * 2 ** 8 + b.controller[row]!) * 2 ** 7 + (b.side[row]! + 1) * 2 ** 5 + b.kind[row]!;
}

/** Whether two fields are the same, as far as both are there. */
function agree(a: number, b: number, absent: number): boolean {
  return Object.is(a, b) || Object.is(a, absent) || Object.is(b, absent);
}
