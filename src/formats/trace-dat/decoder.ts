// Reads a trace.dat: its tables, then the records of all CPUs in the order of their time.
//
// Memory, whatever the file's size: below 128 MiB beside the caller's batches. While the tables are read, one section
// (32 MiB stored and 32 MiB plain at most; 4 MiB in real files) and the formats of the events that are read; then the
// windows of the CPUs (48 MiB together; 40 kB for each CPU in real files). No record is kept.

import { plural } from '../../base/units.js';
import type { Clock } from '../../trace/event.js';
import type { Tally } from '../../trace/tally.js';
import type { Content, ContentDecoder, DecodeSummary, DecodeTarget } from '../format.js';
import { findAppended } from './appended.js';
import { TimeScale, clockOf } from './clock.js';
import { salvage } from './damage.js';
import type { DamageSink } from './damage.js';
import { readInitial } from './initial.js';
import type { Initial } from './initial.js';
import { StreamMerge } from './merge.js';
import { Records, isRead } from './records.js';
import { openStreams } from './streams.js';
import type { FileStreams } from './streams.js';
import { Tables } from './tables.js';
import { readVersion6 } from './version6.js';
import { readVersion7 } from './version7.js';

const RECORDS_PER_STEP = 16_384;
const TOO_FAR = 'the time stamp is more than 104 days away from the first one';

/** Counts each record once, and each damage as a record that was rejected. */
export class TraceDatDecoder implements ContentDecoder {
  private readonly tally: Tally;
  private readonly tables = new Tables(isRead);
  private readonly initial: Initial | undefined;
  private readonly streams: FileStreams;
  private readonly records: Records;
  private readonly merge = new StreamMerge();
  private readonly scale: TimeScale;
  private readonly clock: Clock;
  private apartIndex = 0;
  private lastNs = NaN;

  /** Throws an input error for a file that is no trace.dat, or one of a kind that isn't read. */
  constructor(target: DecodeTarget, content: Content) {
    this.tally = target.tally;
    const damaged: DamageSink = (place, reason) => {
      this.tally.read += 1;
      this.tally.reject(place, reason, '');
    };
    let initial: Initial | undefined;
    salvage(damaged, () => {
      initial = readInitial(content);
      if (initial.version === 6) readVersion6(content, initial, this.tables, damaged);
      else readVersion7(content, initial, this.tables, damaged);
      const appended = findAppended(content, initial, this.tables);
      if (appended !== undefined) damaged(appended, 'another trace.dat begins here: cut the file in two and ingest the second part by itself');
    });
    this.initial = initial;
    const { tables } = this;
    const opened = initial ?? NO_INITIAL;
    this.streams = openStreams(content, opened, tables, damaged);
    this.records = new Records(target, tables, opened.little);
    this.clock = clockOf(this.streams.clock, tables);
    this.scale = new TimeScale(this.streams.base, tables.counterRate);
    for (const stream of this.streams.merged) {
      if (stream.next()) this.merge.add(stream);
    }
  }

  step(): boolean {
    const { merge, records, scale } = this;
    const timed = this.clock !== 'none';
    for (let i = 0; i < RECORDS_PER_STEP; i++) {
      const stream = merge.first;
      if (stream === undefined) return this.skipApart();
      const timeNs = timed ? scale.relativeNs(stream.time) : NaN;
      if (!stream.ready()) {
        merge.advance();
        continue;
      }
      if (stream.lost !== 0) {
        records.lost(stream.lost, timeNs, stream.place);
        stream.lost = 0;
      }
      if (timed && Number.isNaN(timeNs)) {
        this.tally.read += 1;
        records.reject(stream, TOO_FAR);
      } else {
        this.lastNs = timeNs;
        records.take(stream, timeNs);
      }
      merge.advance();
    }
    return true;
  }

  end(): DecodeSummary {
    for (const { lost, place } of this.streams.merged) {
      if (lost !== 0) this.records.lost(lost, this.lastNs, place);
    }
    if (this.tables.dropped > 0) this.records.lost(this.tables.dropped, this.lastNs, 0);
    this.records.kernel.end();
    return { clock: this.clock, originNs: this.originNs(), dialect: this.dialect() };
  }

  /** Counts the records of a buffer whose clock has nothing to do with the others'. */
  private skipApart(): boolean {
    const next = this.streams.apart[this.apartIndex++];
    if (next === undefined) return false;
    const { stream, buffer } = next;
    while (stream.next()) {
      this.tally.read += 1;
      this.tally.ignore(`(buffer ${buffer.name.slice(0, 40)}: clock ${buffer.clock.slice(0, 20)})`);
      if (stream.lost > 0) this.tally.lost += stream.lost;
      stream.lost = 0;
    }
    return true;
  }

  private originNs(): bigint {
    return this.clock === 'none' ? 0n : this.scale.originNs(this.tables.offsetNs);
  }

  private dialect(): string {
    const { initial } = this;
    if (initial === undefined) return 'trace.dat';
    const order = initial.little ? '' : ', big-endian';
    const long = this.tables.layout === undefined ? '' : `, ${this.tables.layout.commitBytes * 8}-bit`;
    const compression = initial.version === 6 ? '' : ` (${initial.compression})`;
    const findings = this.records.kernel.findings;
    const facts = `trace.dat ${initial.version}${compression}, ${plural(this.streams.cpus, 'CPU')}${long}${order}, clock ${this.streams.clock || 'unknown'}`;
    return findings === '' ? facts : `${facts}; ${findings}`;
  }
}

/** What a file that breaks off in its first bytes is taken for: nothing of it is read. */
const NO_INITIAL: Initial = { version: 6, little: true, longBytes: 8, pageBytes: 0, compression: 'none', optionsAt: 0, bodyAt: 0 };
