// Views of what the recording says happened.

import { type ColumnDoc, type View, controller, queue, side, sourceNumber, trace } from './column.js';

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

export const ANALYSED: readonly View[] = [
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
      { ...sourceNumber, doc: 'number of the source that has it: see the view sources; NULL when a Bellwether of schema version 5 or older found it' },
      { name: 'place', doc: 'line (from 1) or byte (from 0) in that source' },
      { name: 'evidence', doc: 'what was seen, in words', type: 'text' },
    ],
  },
];
