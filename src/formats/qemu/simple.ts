// QEMU's `simple` trace backend: a binary file, by default trace-PID. [QEMU-10.0 trace/simple.c, scripts/simpletrace.py]
// Read: the events of the NVMe device in files of version 4 (QEMU 2.8 and later), which name their events, and of
// versions 2 and 3, which need the build's trace-events-all. Either byte order. simple-frame.ts cuts the file into
// records, simple-layout.ts reads their arguments. Records name a process, not a thread.

import { ABSENT } from '../../trace/batch.js';
import type { Tally } from '../../trace/tally.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { Dialect } from './dialect.js';
import { LostWriter } from './lost.js';
import { KNOWN_EVENTS } from './names.js';
import type { KnownEvent } from './names.js';
import { QemuNormalizer } from './normalize.js';
import type { Stamp } from '../stamp.js';
import { MAX_EVENTS, parseEventsFile } from './simple-events-file.js';
import type { DeclaredEvent } from './simple-events-file.js';
import { FrameReader, RECORD_HEAD_BYTES } from './simple-frame.js';
import type { FrameSink } from './simple-frame.js';
import { VERSIONS, detectSimple, noEventNames, unknownVersion } from './simple-header.js';
import type { SimpleHeader } from './simple-header.js';
import { ArgReader, layoutsOf, plainLayout } from './simple-layout.js';
import type { Layout } from './simple-layout.js';
import { WordOrigin } from './simple-origin.js';

/** Ignored names of what stands in the file beside records of events. */
export const FILE_HEADER = '(file header)';
export const EVENT_NAME = '(name of an event)';

const EVENTS_BY_NAME: ReadonlyMap<string, KnownEvent> = new Map(KNOWN_EVENTS.map((event) => [event.fullName, event]));

/** Event id of a record that counts dropped ones: ffff_ffff_ffff_fffe. [QEMU-10.0 trace/simple.c DROPPED_EVENT_ID] */
const DROPPED_HIGH = 0xffff_ffff;
const DROPPED_LOW = 0xffff_fffe;
const DROPPED_RECORD_BYTES = 32;
const REJECT_SHOWN_BYTES = 64;

const TRUNCATED = 'the file ends inside a record';
const NO_RECORD = 'no record begins here';
const NO_NAME = 'the event id has no name';
const TOO_FAR = 'the time stamp is more than 104 days away from the first one';

/** What an event id stands for. */
interface Binding {
  readonly name: string;
  /** Undefined when it is no event of the NVMe device or driver. */
  readonly event: KnownEvent | undefined;
  /** From the user's trace-events-all. */
  readonly declared: DeclaredEvent | undefined;
  /** Set at its first record: by then all names of the build have been seen. */
  layouts: readonly Layout[] | undefined;
}

class QemuSimpleDecoder implements StreamDecoder, FrameSink {
  private readonly frames = new FrameReader(this);
  private readonly tally: Tally;
  private readonly normalizer: QemuNormalizer;
  private readonly lost: LostWriter;
  private readonly origin = new WordOrigin();
  private readonly dialect = new Dialect();
  private readonly reader = new ArgReader();
  private readonly declared: readonly DeclaredEvent[];
  private readonly declaredByName: ReadonlyMap<string, DeclaredEvent>;
  private bindings: (Binding | undefined)[] = [];
  private version = 4;
  private littleEndian = true;
  private readonly stamp: Stamp = { timeNs: NaN, thread: ABSENT, place: 0 };

  constructor(target: DecodeTarget) {
    this.tally = target.tally;
    this.normalizer = new QemuNormalizer(target);
    this.lost = new LostWriter(target);
    const file = target.eventsFile;
    this.declared = file === undefined ? [] : parseEventsFile(file);
    this.declaredByName = new Map(this.declared.map((event) => [event.name, event]));
  }

  push(chunk: Uint8Array): void {
    this.frames.push(chunk);
  }

  end(): DecodeSummary {
    this.frames.end();
    this.normalizer.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    const order = this.littleEndian ? '' : ', big endian';
    return {
      clock: this.origin.known ? 'monotonic' : 'none',
      originNs: this.origin.originNs,
      dialect: `${this.dialect.name}, version ${this.version}${order}`,
    };
  }

  header({ littleEndian, version }: SimpleHeader): void {
    if (!VERSIONS.includes(version)) throw unknownVersion(version);
    if (version < 4 && this.declared.length === 0) throw noEventNames(version);
    this.version = version;
    this.littleEndian = littleEndian;
    this.reader.littleEndian = littleEndian;
    this.tally.read += 1;
    this.tally.ignore(FILE_HEADER);
    this.bindings = version < 4 ? this.declared.map(({ name }) => this.bind(name)) : [];
  }

  mapping(id: number, name: string, place: number): void {
    this.tally.read += 1;
    if (id < MAX_EVENTS) {
      this.tally.ignore(EVENT_NAME);
      while (this.bindings.length <= id) this.bindings.push(undefined);
      this.bindings[id] = this.bind(name);
    } else {
      this.tally.reject(place, `an event id above ${MAX_EVENTS - 1}`, name);
    }
  }

  knows(id: number): boolean {
    return this.bindings[id] !== undefined;
  }

  record(view: DataView, head: number, end: number, place: number): void {
    const { littleEndian, stamp } = this;
    this.tally.read += 1;
    stamp.place = place;
    const high = view.getUint32(littleEndian ? head + 12 : head + 8, littleEndian);
    const low = view.getUint32(littleEndian ? head + 8 : head + 12, littleEndian);
    const id = view.getUint32(littleEndian ? head : head + 4, littleEndian);
    const idHigh = view.getUint32(littleEndian ? head + 4 : head, littleEndian);
    const isDrop = idHigh === DROPPED_HIGH && id === DROPPED_LOW;
    const binding = idHigh === 0 ? this.bindings[id] : undefined;
    let reason = NO_NAME;
    if (isDrop || binding !== undefined) {
      stamp.timeNs = this.origin.relativeNs(high, low);
      if (Number.isNaN(stamp.timeNs)) reason = TOO_FAR;
      else if (binding === undefined) reason = this.dropped(view, head, end);
      else reason = this.event(binding, view, head, end);
    }
    if (reason !== '') this.reject(place, reason, new Uint8Array(view.buffer, view.byteOffset + head, end - head));
  }

  damaged(place: number, start: Uint8Array, truncated: boolean): void {
    this.tally.read += 1;
    this.reject(place, truncated ? TRUNCATED : NO_RECORD, start);
  }

  private bind(name: string): Binding {
    const event = EVENTS_BY_NAME.get(name);
    if (event !== undefined && !event.driver) this.dialect.see(event, undefined, undefined);
    return { name, event, declared: this.declaredByName.get(name), layouts: undefined };
  }

  /** Counts a record, and returns why it is refused, if it is. */
  private event(binding: Binding, view: DataView, head: number, end: number): string {
    const { event, declared } = binding;
    if (event === undefined && declared === undefined) {
      this.tally.unknown(binding.name);
      return '';
    }
    if (event?.driver === true) {
      this.tally.ignore(binding.name);
      return '';
    }
    const layouts = (binding.layouts ??= this.layouts(binding));
    for (const layout of layouts) {
      if (!this.reader.read(layout, view, head + RECORD_HEAD_BYTES, end)) {
        if (this.reader.fault === ABSENT) continue;
        return `${binding.name}: ${layout.args[this.reader.fault]!.name} is above ${layout.max[this.reader.fault]}`;
      }
      if (layout.releases !== undefined) this.dialect.see(layout.releases, undefined, undefined);
      if (event === undefined) {
        this.tally.ignore(binding.name);
      } else if (event.mapped === undefined) {
        this.normalizer.pass();
        this.tally.ignore(binding.name);
      } else if (!this.normalizer.event(event.mapped, this.reader.args, this.stamp)) {
        this.tally.ignore(binding.name);
      }
      return '';
    }
    return `${binding.name}: the length fits no definition of the event`;
  }

  private layouts({ event, declared }: Binding): readonly Layout[] {
    if (event !== undefined) return layoutsOf(event, declared?.args, this.dialect.releases);
    return declared === undefined ? [] : [plainLayout(declared.args)];
  }

  /**
   * Written when the buffer is emptied, before what it still holds: somewhere before the records that follow, some were
   * dropped. So it doesn't come between the two records of one doorbell write, and a held one stays held.
   */
  private dropped(view: DataView, head: number, end: number): string {
    if (end - head !== DROPPED_RECORD_BYTES) return 'the record of dropped events has another length';
    const amount = Number(view.getBigUint64(head + RECORD_HEAD_BYTES, this.littleEndian));
    return this.lost.write(amount, this.stamp) ? '' : 'the number of dropped events is above 2^53 - 1';
  }

  private reject(place: number, reason: string, bytes: Uint8Array): void {
    this.normalizer.pass();
    this.tally.reject(place, reason, Buffer.from(bytes.subarray(0, REJECT_SHOWN_BYTES)).toString('hex'));
  }
}


/** QEMU's `simple` trace backend, NVMe device events. */
export const qemuSimple: TraceFormat = {
  id: 'qemu-simple',
  places: 'bytes',
  title: "QEMU binary trace: NVMe device events of the 'simple' trace backend",
  detect: detectSimple,
  open: (target) => new QemuSimpleDecoder(target),
};
