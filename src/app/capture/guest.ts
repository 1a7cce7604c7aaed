// Captures from inside the guest, or from a machine with a real device: the kernel's nvme tracepoints and mmiotrace.
// [LINUX drivers/nvme/host/trace.h, Documentation/trace/ftrace.rst, Documentation/trace/mmiotrace.rst]

import type { Recipe } from './recipe.js';

const SHOWS = "When the driver built each command and consumed its completion, by queue: the commands' lives as the guest sees them.";
const LACKS = 'Doorbells, and all of the device: neither register writes nor shadow stores have a tracepoint. Join it with a capture of the host: bellwether ingest --join.';

const BRING_UP = 'Queues are created when the driver starts. To have that in the capture, start recording, then echo 1 > /sys/class/nvme/nvme0/reset_controller.';
const ONE_DISK = "For one disk: echo 'disk == \"nvme0n1\"' > /sys/kernel/tracing/events/nvme/filter. Admin commands have no disk, and are then left out.";
const NOT_SQ = 'nvme_sq shows a queue position at a completion; that is no doorbell, and it is counted only.';
const CLOCK = 'The mono clock lies in one line with other captures of the same machine. Guest and host have different ones: --join fits them.';

export const GUEST_RECIPES: readonly Recipe[] = [
  {
    kind: 'ftrace',
    title: "the kernel's nvme tracepoints, as text",
    where: 'guest',
    formats: ['ftrace'],
    shows: SHOWS,
    lacks: LACKS,
    replays: false,
    commands: [
      '# as root',
      'echo 0 > /sys/kernel/tracing/tracing_on; echo > /sys/kernel/tracing/trace',
      'echo mono > /sys/kernel/tracing/trace_clock',
      'echo 16384 > /sys/kernel/tracing/buffer_size_kb',
      'echo 1 > /sys/kernel/tracing/events/nvme/enable',
      'echo 1 > /sys/kernel/tracing/tracing_on',
      '# ... the workload ...',
      'echo 0 > /sys/kernel/tracing/tracing_on',
      'cat /sys/kernel/tracing/trace > guest.trace',
    ],
    ingest: ['bellwether ingest guest.trace', '# or while it runs, with /sys/kernel/tracing/trace_pipe in place of trace:', 'bellwether ingest --follow /sys/kernel/tracing/trace_pipe --name live'],
    pitfalls: [
      'When the buffer is full, the oldest records go: "overrun" in /sys/kernel/tracing/per_cpu/cpu*/stats must be 0. trace_pipe marks what it lost, as [LOST n EVENTS].',
      BRING_UP,
      ONE_DISK,
      CLOCK,
      NOT_SQ,
      'trace shows no more than the last name of each thread: <...> where it has ended.',
    ],
  },
  {
    kind: 'trace-cmd',
    title: 'the same by trace-cmd: binary, the fields as the kernel wrote them',
    where: 'guest',
    formats: ['trace-dat'],
    shows: `${SHOWS} Opcode, address and length come from the raw fields, where trace-cmd report prints FAILED TO PARSE.`,
    lacks: LACKS,
    replays: false,
    commands: ['# as root', 'trace-cmd record -C mono -b 16384 -e nvme -o nvme.dat $WORKLOAD'],
    ingest: ['bellwether ingest nvme.dat'],
    pitfalls: [
      'trace-cmd prints the overrun of each CPU when it ends: it must be 0. The file marks what is missing, and info shows it.',
      BRING_UP,
      CLOCK,
      NOT_SQ,
      'Files of version 6 and 7, plain or compressed with zlib or zstd, are read as they are; trace-cmd report is not needed.',
      'A recording that is killed before trace-cmd has put its parts together leaves nvme.dat.cpu* files, which are not read: trace-cmd restore makes a file of them.',
    ],
  },
  {
    kind: 'perf',
    title: 'the same by perf',
    where: 'guest',
    formats: ['perf-script'],
    shows: SHOWS,
    lacks: LACKS,
    replays: false,
    commands: ['# as root', "perf record -a -k CLOCK_MONOTONIC -e 'nvme:*' -o nvme.perf -- $WORKLOAD", 'perf script --ns -i nvme.perf > nvme-perf.txt'],
    ingest: ['bellwether ingest nvme-perf.txt'],
    pitfalls: [
      'perf.data itself is not read: run perf script, best on the machine that recorded it.',
      'perf script tells of lost records on stderr and in LOST lines, which --show-lost-events prints.',
      'Without --ns stamps have microseconds only.',
      BRING_UP,
      NOT_SQ,
    ],
  },
  {
    kind: 'bpftrace',
    title: 'a bpftrace script on the nvme tracepoints',
    where: 'guest',
    formats: ['declared'],
    shows: 'What the script prints; this one: when the driver built each command and consumed its completion.',
    lacks: LACKS,
    replays: false,
    commands: [
      '# as root',
      "bpftrace -e 'tracepoint:nvme:nvme_setup_cmd { printf(\"%llu %d setup qid=%d cid=%d op=%d\\n\", nsecs, cpu, args->qid, args->cid, args->opcode); }",
      '  tracepoint:nvme:nvme_complete_rq { printf("%llu %d complete qid=%d cid=%d\\n", nsecs, cpu, args->qid, args->cid); }\' > nvme.txt',
    ],
    ingest: ['bellwether ingest nvme.txt --format bpftrace.json'],
    pitfalls: [
      'The text is yours, so its format is too: fixtures/declared/bpftrace.json declares that of this script; docs/formats/declared.md says how.',
      'bpftrace tells of lost events on stderr only.',
      'CPUs print at the same time: lines may be some microseconds out of order.',
      'In many kernels the functions that ring a doorbell are inlined, and no kprobe can be put on them.',
    ],
  },
  {
    kind: 'mmiotrace',
    title: "the kernel's log of every MMIO access of the driver (x86)",
    where: 'guest',
    formats: ['mmiotrace'],
    shows: 'Every doorbell write with its value, and every other register access; on real hardware too.',
    lacks: 'Commands, completions, shadow doorbells: queues can be described, and how full the SQs were is bounded by the doorbells. It cannot be replayed alone; join it with a capture of QEMU.',
    replays: false,
    commands: [
      '# as root; the driver must map the BAR while the tracer is on',
      '# the address of the disk, as ls -l /sys/class/nvme shows it',
      'BDF=0000:00:04.0',
      'echo $BDF > /sys/bus/pci/drivers/nvme/unbind',
      'echo 128000 > /sys/kernel/tracing/buffer_size_kb',
      'echo mmiotrace > /sys/kernel/tracing/current_tracer',
      'cat /sys/kernel/tracing/trace_pipe > mmio.txt &',
      'echo $BDF > /sys/bus/pci/drivers/nvme/bind',
      '# ... the workload ...',
      'echo nop > /sys/kernel/tracing/current_tracer',
      'kill $!',
      "dmesg | grep -i 'mmiotrace has lost'",
    ],
    ingest: ['bellwether ingest mmio.txt'],
    pitfalls: [
      'Not with the disk that the system runs from: unbinding takes it away.',
      'It takes all CPUs but one offline, and leaves them so until echo 1 > /sys/devices/system/cpu/cpu1/online for each: fewer queues, other batches. Accesses get a hundred times slower.',
      'It needs CONFIG_MMIOTRACE, and lockdown (secure boot) forbids it.',
      'PCIDEV and MAP lines, by which the BAR is found, come once, at the start; a capture without them needs --bar ADDRESS.',
    ],
  },
];
