// The public interface of a store: its views, with one line of documentation per column.
// The SQL of the views is in schema.ts; a test compares the two.

import { ensure } from '../base/assert.js';
import type { Column } from '../base/table.js';
import { KIND_NAMES } from '../trace/event.js';
import type { KindName } from '../trace/event.js';

export interface ViewDoc {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly Column[];
}

/** Views of which the rows of single traces or runs are read in bulk: see view-reader.ts. */
export const READABLE_VIEWS = ['events', 'doorbells', 'commands', 'occupancy', 'queues', 'runs', 'sweep_cells', 'sweep_points'] as const;
export type ReadableView = (typeof READABLE_VIEWS)[number];

/** A column as it is written down here: most hold integers, and don't say so. */
type ColumnDoc = Omit<Column, 'type'> & { readonly type?: 'text' | 'real' };

interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ColumnDoc[];
}

const DOORBELL_KINDS: readonly KindName[] = ['doorbell.mmio', 'doorbell.shadow', 'eventidx'];

const trace: ColumnDoc = { name: 'trace', doc: 'name of the trace', type: 'text' };
const seq = { name: 'seq', doc: 'number of the event in its trace, from 0; the order of the capture' };
const timeNs = { name: 'time_ns', doc: 'nanoseconds since the origin of the trace; NULL without time stamps' };
const thread = { name: 'thread', doc: 'thread or vCPU that emitted the record; NULL when unknown' };
const controller = { name: 'controller', doc: 'controller within the trace, from 0' };
const queue = { name: 'queue', doc: 'queue identifier, 0 = admin; NULL when the event belongs to no queue' };
const side: ColumnDoc = { name: 'side', doc: "'sq' or 'cq'; NULL when the event has no side", type: 'text', values: ['sq', 'cq'] };

const epoch = { name: 'epoch', doc: 'which life of the controller: every enable and every reset begins a new one' };
const life = { name: 'life', doc: "number of the queue's life in its trace: see the view queues" };

function sideColumns(name: 'sq' | 'cq', word: string, entries: string, moved: string): readonly ColumnDoc[] {
  return [
    { name: `${name}_mmio`, doc: `${word}: register writes` },
    { name: `${name}_shadow`, doc: `${word}: shadow values that the device was seen to read` },
    { name: `${name}_updates`, doc: `${word}: of these, values that differed from the one before` },
    { name: `${name}_eventidx`, doc: `${word}: EventIdx values that the device was seen to write` },
    { name: `${entries}_per_ring`, doc: `${entries} ${moved} for each register write`, type: 'real' },
    { name: `${name}_mean_gap_ns`, doc: `${word}: mean time between two register writes` },
    { name: `${name}_longest_gap_ns`, doc: `${word}: longest such time` },
  ];
}

const configuration: readonly ColumnDoc[] = [
  { name: 'driver', doc: 'driver model, with the knobs that were turned', type: 'text' },
  { name: 'device', doc: 'device model', type: 'text' },
  { name: 'transport', doc: 'transport of doorbell writes', type: 'text' },
  { name: 'policy', doc: "SQ policy with the parameters that aren't the defaults", type: 'text' },
  { name: 'cq_policy', doc: 'CQ policy, the same way', type: 'text' },
  { name: 'policy_sha256', doc: "SHA-256 of the files that the policies come from, SQ+CQ; '+' for the catalogue's own", type: 'text' },
];
const verdict: readonly ColumnDoc[] = [
  { name: 'verdict', doc: "'safe' when the verifier calls both policies so with this driver, else the first other verdict", type: 'text' },
  { name: 'unsafe_policy', doc: 'the policy of that verdict; NULL when both are safe', type: 'text' },
];

const sourceNumber = { name: 'source', doc: "number of the source in its trace, from 0: see the view sources" };

/** Every public view, in the order in which `bellwether schema` shows them. */
const VIEWS: readonly View[] = [
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
      { name: 'records_read', doc: 'records read = events + ignored + unknown + rejected' },
      { name: 'records_events', doc: 'records that became events' },
      { name: 'records_ignored', doc: 'records of a known name that no event needs' },
      { name: 'records_unknown', doc: 'well-formed records of an unknown name' },
      { name: 'records_rejected', doc: 'records that could not be understood' },
      { name: 'records_lost', doc: 'records that the capture itself reports as missing' },
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
      { name: 'records_read', doc: 'records read = events + ignored + unknown + rejected' },
      { name: 'records_events', doc: 'records that became events' },
      { name: 'records_ignored', doc: 'records of a known name that no event needs' },
      { name: 'records_unknown', doc: 'well-formed records of an unknown name' },
      { name: 'records_rejected', doc: 'records that could not be understood' },
      { name: 'records_lost', doc: 'records that the capture itself reports as missing' },
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
    name: 'commands',
    doc: 'one row per command, in the order of their ends; times that the capture does not show are NULL',
    columns: [
      trace,
      { name: 'number', doc: 'number of the command in its trace, from 0' },
      controller,
      epoch,
      { name: 'queue', doc: 'identifier of its submission queue, 0 = admin' },
      life,
      { name: 'cid', doc: 'command identifier; identifiers are used again' },
      { name: 'opcode', doc: 'command opcode' },
      { name: 'status', doc: 'completion status, 15 bits without the phase' },
      { name: 'position', doc: "its position in the queue since the queue's creation, from 0" },
      { name: 'setup_ns', doc: 'the driver built it' },
      { name: 'announced_ns', doc: 'the device could first know of it: doorbell write, or first read of a shadow value beyond it' },
      { name: 'fetched_ns', doc: 'the device took it' },
      { name: 'completed_ns', doc: 'the device finished it' },
      { name: 'interrupt_ns', doc: 'the first interrupt of its completion queue after that' },
      { name: 'reaped_ns', doc: 'the driver is first known to have consumed the completion: its CQ head passed it or, where that does not show, its own record, so that it equals finished_ns' },
      { name: 'finished_ns', doc: "the driver's own record of the end" },
      { name: 'slba', doc: 'first logical block' },
      { name: 'blocks', doc: 'number of logical blocks' },
    ],
  },
  {
    name: 'queues',
    doc: "one row per life of a submission queue, from creation to deletion or reset, with its completion queue",
    columns: [
      trace,
      { name: 'life', doc: 'number of the life in its trace, from 0' },
      controller,
      epoch,
      { name: 'queue', doc: 'identifier of the submission queue, 0 = admin' },
      { name: 'completion_queue', doc: 'identifier of its completion queue' },
      { name: 'depth', doc: 'entries of the submission queue' },
      { name: 'depth_inferred', doc: '1: the creation was not captured, and the depth is the smallest that fits what was seen' },
      { name: 'vector', doc: 'MSI-X vector of the completion queue; NULL without interrupts' },
      { name: 'created_ns', doc: 'when it began' },
      { name: 'closed_ns', doc: 'when it ended' },
      { name: 'whole', doc: '1: the capture shows all of its life; 0: it is older than the capture, or records are lost' },
      { name: 'commands', doc: 'commands that the driver built or the device fetched, whichever is more; where only doorbells were captured, entries that they announced' },
      { name: 'completed', doc: 'commands that the device completed' },
      { name: 'unfinished', doc: 'commands without a completion: cut off, or not captured; Asynchronous Event Requests, which wait for an event, do not count' },
      { name: 'silent', doc: 'commands fetched although no doorbell write and no shadow value told of them' },
      { name: 'interrupts', doc: 'interrupts of the completion queue, masked ones left out' },
      ...sideColumns('sq', 'SQ tail', 'commands', 'announced'),
      ...sideColumns('cq', 'CQ head', 'completions', 'given back'),
    ],
  },
  {
    name: 'occupancy',
    doc: 'how full the queues were: one row per life, stage and time bin with an entry in it; at most 128 bins of the same width, for the first 256 lives',
    columns: [
      trace,
      controller,
      epoch,
      { name: 'queue', doc: 'identifier of the submission queue, 0 = admin' },
      life,
      { name: 'stage', doc: "'sq' entries waiting for the device, 'device' commands inside it, 'cq' completions waiting for the driver", type: 'text', values: ['sq', 'device', 'cq'] },
      { name: 'start_ns', doc: 'begin of the bin' },
      { name: 'end_ns', doc: 'end of the bin' },
      { name: 'min', doc: 'fewest entries in it' },
      { name: 'mean', doc: 'entries in it, weighted by time', type: 'real' },
      { name: 'max', doc: 'most entries in it' },
      { name: 'bound', doc: "'exact', or 'lower' or 'upper': the capture shows only one end of the stage, so that the levels are bounds; 'doorbells': see docs/analysis.md", type: 'text', values: ['exact', 'lower', 'upper', 'doorbells'] },
    ],
  },
  {
    name: 'exits',
    doc: "one row per VM exit that is followed by an entry of the same thread",
    columns: [
      trace,
      { name: 'seq', doc: 'number of the exit in the view events' },
      { name: 'thread', doc: 'thread of the vCPU' },
      { name: 'exit_ns', doc: 'when the vCPU left the guest' },
      { name: 'entry_ns', doc: 'when it went back in' },
      { name: 'duration_ns', doc: 'time between them' },
      { name: 'reason', doc: 'VMX basic exit reason or SVM exit code' },
      { name: 'address', doc: 'guest-physical address of a nested page fault' },
    ],
  },
  {
    name: 'findings',
    doc: 'what the last "bellwether check" of each trace with all rules has found: the first findings of each rule and severity',
    columns: [
      trace,
      { name: 'number', doc: 'number of the finding, from 0; errors first' },
      { name: 'rule', doc: 'rule that fired: see "bellwether list rules"', type: 'text' },
      { name: 'severity', doc: "'error', 'warning' or 'note'", type: 'text', values: ['error', 'warning', 'note'] },
      controller,
      queue,
      side,
      { name: 'seq', doc: 'number of the event in the view events; NULL for what concerns the trace as a whole' },
      { name: 'time_ns', doc: 'time of that event' },
      { name: 'place', doc: 'line (from 1) or byte (from 0) in the source' },
      { name: 'evidence', doc: 'what was seen, in words', type: 'text' },
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
  {
    name: 'runs',
    doc: 'one row per stored replay',
    columns: [
      { name: 'id', doc: 'number of the run in this store' },
      { name: 'name', doc: 'name of the run', type: 'text' },
      { ...trace, doc: 'name of the trace; NULL when the run was made from a described workload' },
      { name: 'key', doc: 'hash of everything that determines the result', type: 'text' },
      { name: 'version', doc: 'version of Bellwether that computed it', type: 'text' },
      { name: 'parameters', doc: 'parameters of the replay, as JSON', type: 'text' },
      { name: 'result', doc: 'result of the replay, as JSON; under "study" what charts and reviews show of it', type: 'text' },
    ],
  },
  {
    name: 'sweep_cells',
    doc: 'one row per cell of a sweep: one run of one trace under one configuration and one seed',
    columns: [
      trace,
      ...configuration,
      { name: 'seed', doc: 'seed of the run' },
      { name: 'commands', doc: 'commands that were completed and consumed' },
      { name: 'sq_mmio', doc: 'register writes of SQ tails on I/O queues' },
      { name: 'cq_mmio', doc: 'register writes of CQ heads on I/O queues' },
      { name: 'mmio_per_io', doc: 'register writes for each command', type: 'real' },
      { name: 'p50_ns', doc: "median latency as the driver sees it; NULL when nothing completed" },
      { name: 'p99_ns', doc: '99th percentile of it' },
      { name: 'iops', doc: 'commands for each second of simulated time', type: 'real' },
      { name: 'duration_ns', doc: 'simulated time' },
      { name: 'poll_ns', doc: 'time that the device spent polling for nothing, as on a core of its own' },
      { name: 'poll_cpu', doc: 'the same as a share of the simulated time', type: 'real' },
      { name: 'busy_ns', doc: 'time that the device was at work' },
      { name: 'doorbell_ns', doc: 'vCPU time in doorbell updates and register writes, over all vCPUs' },
      { name: 'runaway', doc: '1: cut off, as the model never came to rest' },
      { name: 'stalls', doc: 'where work stood still, as a JSON array of texts; [] when it did not', type: 'text' },
      ...verdict,
      { name: 'key', doc: 'hash of everything that determines the cell', type: 'text' },
      { name: 'version', doc: 'version of Bellwether that computed it', type: 'text' },
    ],
  },
  {
    name: 'sweep_points',
    doc: 'one row per configuration of a sweep: the mean of its cells, and what it saves and adds against policy "off" with the same driver, device and transport',
    columns: [
      trace,
      ...configuration,
      { name: 'cells', doc: 'cells behind the row: runs with different seeds' },
      { name: 'mmio_per_io', doc: 'register writes for each command', type: 'real' },
      { name: 'mmio_per_io_min', doc: 'of the cell with the fewest', type: 'real' },
      { name: 'mmio_per_io_max', doc: 'of the cell with the most', type: 'real' },
      { name: 'saved_fraction', doc: '1 - mmio_per_io / that of "off"; NULL when "off" has no cell', type: 'real' },
      { name: 'p50_ns', doc: 'median latency' },
      { name: 'p99_ns', doc: '99th percentile of the latency' },
      { name: 'added_p50_ns', doc: 'p50_ns - that of "off"; negative when the policy is faster' },
      { name: 'added_p99_ns', doc: 'p99_ns - that of "off"' },
      { name: 'iops', doc: 'commands per second', type: 'real' },
      { name: 'poll_cpu', doc: 'share of the time that the device spent polling for nothing', type: 'real' },
      { name: 'stalled', doc: 'cells in which work stood still' },
      { name: 'runaways', doc: 'cells that were cut off' },
      ...verdict,
      { name: 'version', doc: 'version of Bellwether that computed them', type: 'text' },
    ],
  },
  {
    name: 'policy_verdicts',
    doc: 'what "sweep" and "optimize" were told by the verifier, with both barriers and the default bounds',
    columns: [
      { name: 'policy', doc: 'policy with its parameters', type: 'text' },
      { name: 'side', doc: "'sq' or 'cq'", type: 'text', values: ['sq', 'cq'] },
      { name: 'driver', doc: 'driver model', type: 'text' },
      { name: 'memory', doc: 'memory model', type: 'text' },
      { name: 'verdict', doc: "'safe' or what can happen: see docs/verify.md", type: 'text' },
      { name: 'states', doc: 'states that were explored' },
      { name: 'reason', doc: 'why, in a sentence', type: 'text' },
      { name: 'version', doc: 'version of Bellwether that verified it', type: 'text' },
    ],
  },
];

/** The public views with their columns, what they mean and what they hold. */
export function describeSchema(): readonly ViewDoc[] {
  return VIEWS.map((view) => ({ ...view, columns: view.columns.map((column) => ({ ...column, type: column.type ?? 'integer' })) }));
}

/** One view; throws when none is called so. */
export function describeView(name: string): ViewDoc {
  return ensure(
    describeSchema().find((view) => view.name === name),
    `view ${name}`,
  );
}
