// Views of what was computed: replays, sweeps, verdicts.

import { type ColumnDoc, type View, trace } from './column.js';

const part: readonly ColumnDoc[] = [
  { name: 'from_ns', doc: 'where the part of the trace that was replayed begins, since its start; NULL: all of it' },
  { name: 'to_ns', doc: 'where that part ends; NULL: at the end' },
];
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

export const COMPUTED: readonly View[] = [
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
      { name: 'result', doc: 'result of the replay, as JSON with keys in camelCase; under "study" what charts and reviews show of it', type: 'text' },
    ],
  },
  {
    name: 'sweep_cells',
    doc: 'one row per cell of a sweep: one run of one trace under one configuration and one seed',
    columns: [
      trace,
      ...part,
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
      ...part,
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
