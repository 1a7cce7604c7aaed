// Views of what captures hold: traces, their sources and events, and what became of every record.

import { KIND_NAMES, type KindName } from '../../trace/event.js';
import { type ColumnDoc, type View, controller, queue, seq, side, sourceNumber, thread, timeNs, trace } from './column.js';

const DOORBELL_KINDS: readonly KindName[] = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'];

/** What became of the records of a trace or a source. */
const recordCounts: readonly ColumnDoc[] = [
  { name: 'records_read', doc: 'records read = events + ignored + unknown + rejected' },
  { name: 'records_events', doc: 'records that became events' },
  { name: 'records_ignored', doc: 'records of a known name that no event needs' },
  { name: 'records_unknown', doc: 'well-formed records of an unknown name' },
  { name: 'records_rejected', doc: 'records that could not be understood' },
  { name: 'records_lost', doc: 'records that the capture itself reports as missing' },
];

export const INGESTED: readonly View[] = [
  {
    name: 'traces',
    doc: 'one row per trace that was ingested',
    columns: [
      { name: 'id', doc: 'number of the trace in this store' },
      { name: 'name', doc: 'name of the trace, unique in this store', type: 'text' },
      { name: 'format', doc: 'capture format that it was read as; see "bellwether list formats"', type: 'text' },
      { name: 'dialect', doc: 'what wrote the capture, as far as it can be told', type: 'text' },
      { name: 'sha256', doc: 'SHA-256 of the source, in hexadecimal', type: 'text' },
      { name: 'source', doc: 'name of the file that was read, or "-" for standard input', type: 'text' },
      { name: 'bytes', doc: 'size of the source in bytes' },
      { name: 'clock', doc: "clock of the time stamps; 'none' when there are none", type: 'text' },
      { name: 'origin_ns', doc: 'absolute time of time_ns = 0 on that clock' },
      { name: 'span_ns', doc: 'latest minus earliest time_ns; NULL without time stamps' },
      { name: 'tool_version', doc: 'version of Bellwether that read it', type: 'text' },
      ...recordCounts,
      { name: 'event_rows', doc: 'rows of this trace in the view events' },
    ],
  },
  {
    name: 'sources',
    doc: 'one row per source: a trace has one, or several that were joined on one timeline',
    columns: [
      trace,
      { name: 'number', doc: 'number of the source in its trace, from 0' },
      { name: 'source', doc: 'name of the file that was read, or "-" for standard input', type: 'text' },
      { name: 'format', doc: 'capture format that it was read as', type: 'text' },
      { name: 'dialect', doc: 'what wrote the capture, as far as it can be told', type: 'text' },
      { name: 'sha256', doc: 'SHA-256 of the source, in hexadecimal', type: 'text' },
      { name: 'bytes', doc: 'size of the source in bytes' },
      { name: 'clock', doc: 'clock of its own time stamps', type: 'text' },
      { name: 'origin_ns', doc: 'absolute time of its first time stamp on that clock' },
      ...recordCounts,
      { name: 'method', doc: "how its clock was aligned: 'reference', 'between bounds', 'fastest pair', 'same events', 'given'; NULL for a source on its own", type: 'text' },
      { name: 'aligned_to', doc: 'number of the source that it was aligned to' },
      { name: 'offset_ns', doc: "what its first time stamp needs to be one of the trace's clock" },
      { name: 'drift_ppb', doc: 'how much faster the clock of the trace runs, in parts per thousand million' },
      { name: 'matches', doc: 'pairs of events that the alignment rests on' },
      { name: 'margin_ns', doc: 'the offset is right within this, by the order of causes and effects; NULL where only one side bounds it' },
      { name: 'residual_ns', doc: "median distance of a pair's two times after the alignment: how long the step took" },
      { name: 'events_merged', doc: 'events that another source had as well and that stand once in the view events, as the other source\'s' },
    ],
  },
  {
    name: 'events',
    doc: 'one row per normalized event',
    columns: [
      trace,
      seq,
      { name: 'kind', doc: "kind of event: 'doorbell.mmio', 'command.complete', ...", type: 'text', values: KIND_NAMES },
      timeNs,
      thread,
      controller,
      queue,
      side,
      { name: 'cid', doc: 'command identifier; NULL when the event has none' },
      { name: 'opcode', doc: 'command opcode; NULL when the event has none' },
      { name: 'status', doc: 'completion status, 15 bits without the phase; NULL when the event has none' },
      { name: 'value', doc: 'meaning by kind: doorbell value, first LBA, interrupt vector, ...' },
      { name: 'extra', doc: 'meaning by kind: number of blocks, register offset, ...' },
      { name: 'place', doc: 'line (from 1) or byte (from 0) of the record in its source' },
      sourceNumber,
    ],
  },
  {
    name: 'doorbells',
    doc: 'the events that move a doorbell: register writes, shadow values, event indexes',
    columns: [
      trace,
      seq,
      { name: 'kind', doc: "'doorbell.mmio', 'doorbell.shadow' or 'eventidx'", type: 'text', values: DOORBELL_KINDS },
      timeNs,
      thread,
      controller,
      queue,
      side,
      { name: 'value', doc: 'the new tail, head or event index' },
    ],
  },
  {
    name: 'records',
    doc: 'what became of the records that are no events, by name or reason',
    columns: [
      trace,
      sourceNumber,
      { name: 'class', doc: "'ignored', 'unknown' or 'rejected'", type: 'text', values: ['ignored', 'unknown', 'rejected'] },
      { name: 'name', doc: 'name of the record, or the reason of the rejection', type: 'text' },
      { name: 'count', doc: 'records of that name' },
    ],
  },
  {
    name: 'rejects',
    doc: 'the first records of each source that could not be understood',
    columns: [
      trace,
      sourceNumber,
      { name: 'number', doc: 'number of the reject in its source, from 0' },
      { name: 'place', doc: 'line (from 1) or byte (from 0) in the source' },
      { name: 'reason', doc: 'why it was refused', type: 'text' },
      { name: 'text', doc: 'the start of the record', type: 'text' },
    ],
  },
];
