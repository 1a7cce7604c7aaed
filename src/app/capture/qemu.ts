// Captures of QEMU's own NVMe device. Which trace backends a QEMU has was chosen when it was built; `log` is the default.
// [QEMU docs/devel/tracing.rst, trace/, util/log.c]

import type { Recipe } from './recipe.js';

const SHOWS = 'Doorbell writes that exit, shadow doorbells read and EventIdx written, commands fetched and completed, interrupts, admin commands.';
const LACKS = 'The guest: when it built a command, and which shadow stores needed no register write. With ioeventfd=on, doorbell writes of the I/O queues leave no record.';

const NAMES = "Before QEMU 5.1 the events are called nvme_*, which the block driver's are too: use 'nvme*'. Before 5.2 there is no record of a doorbell but mmio_write.";
const WHOLE_LIFE = 'Trace from the start of QEMU: the creation of the queues and Doorbell Buffer Config come once, when the driver starts. Events that are switched on later leave depths and modes to be inferred.';
const SHADOW_EVENTS = 'Shadow doorbells came with QEMU 7.1: older ones neither offer nor trace them.';

export const QEMU_RECIPES: readonly Recipe[] = [
  {
    kind: 'qemu-log',
    title: "QEMU's log backend: text, in every distribution's QEMU",
    where: 'host',
    formats: ['qemu-log'],
    shows: SHOWS,
    lacks: LACKS,
    replays: true,
    commands: ["$QEMU_COMMAND -trace 'pci_nvme*' -msg timestamp=on -D qemu.log"],
    ingest: ['bellwether ingest qemu.log'],
    pitfalls: [
      'Without -msg timestamp=on, QEMU 6.0 and later print no time: the capture can be described, not replayed.',
      NAMES,
      WHOLE_LIFE,
      SHADOW_EVENTS,
      'Without -D the log goes to stderr, where the serial console and error messages cut into lines.',
      '-d tid writes a file for each thread: ingest them with --join, or leave it out.',
      'Each record is a locked write, 1 to 2 us: heavy traffic gets slower, and more commands meet in one pass of the device. The simple backend costs less.',
      'Nothing is lost but the last line of a QEMU that is killed.',
    ],
  },
  {
    kind: 'qemu-simple',
    title: "QEMU's simple backend: binary, the least disturbance",
    where: 'host',
    formats: ['qemu-simple'],
    shows: SHOWS,
    lacks: LACKS,
    replays: true,
    commands: [
      '# a QEMU that was configured with --enable-trace-backends=simple (or log,simple)',
      "$QEMU_COMMAND -trace enable='pci_nvme*',file=nvme.simple",
      '# in the monitor, before it is killed: trace-file flush',
    ],
    ingest: ['bellwether ingest nvme.simple'],
    pitfalls: [
      'The buffer holds 256 KiB. When the disk is slower than the events, some are dropped: the file says how many, about where.',
      'A QEMU that is killed loses up to 256 KiB. Quit it, or flush first.',
      "The file holds no arguments' names: events of an unusual build need --events-file with the trace-events-all that was installed with that QEMU. Files of QEMU 2.7 and older always do.",
      NAMES,
      WHOLE_LIFE,
      SHADOW_EVENTS,
      'Times are of the monotonic clock, and records name the process, not the thread.',
      'In a build with several backends each event goes to all of them: silence the log with -D /dev/null.',
    ],
  },
  {
    kind: 'qemu-ftrace',
    title: "QEMU's ftrace backend: QEMU's events and the host's KVM events on one clock",
    where: 'host',
    formats: ['ftrace', 'trace-dat', 'perf-script'],
    shows: `${SHOWS} With KVM's events, each VM exit and how long it took.`,
    lacks: LACKS,
    replays: true,
    commands: [
      '# as root; a QEMU that was configured with --enable-trace-backends=ftrace',
      'echo 65536 > /sys/kernel/tracing/buffer_size_kb',
      'echo mono > /sys/kernel/tracing/trace_clock',
      'for event in kvm_mmio kvm_exit kvm_entry kvm_msi_set_irq; do echo 1 > /sys/kernel/tracing/events/kvm/$event/enable; done',
      "$QEMU_COMMAND -trace 'pci_nvme*' &",
      '# ... the workload, in the guest ...',
      'echo 0 > /sys/kernel/tracing/tracing_on',
      'cat /sys/kernel/tracing/trace > host.trace',
    ],
    ingest: ['bellwether ingest host.trace'],
    pitfalls: [
      'QEMU must be able to write trace_marker, which root can: otherwise its events are discarded without a word.',
      'When the buffer is full, the oldest records go: compare the two numbers of the line "entries-in-buffer/entries-written", and enlarge /sys/kernel/tracing/buffer_size_kb.',
      NAMES,
      WHOLE_LIFE,
      SHADOW_EVENTS,
    ],
  },
  {
    kind: 'qemu-syslog',
    title: "QEMU's syslog backend",
    where: 'host',
    formats: ['qemu-syslog'],
    shows: SHOWS,
    lacks: LACKS,
    replays: true,
    commands: [
      '# a QEMU that was configured with --enable-trace-backends=syslog',
      "$QEMU_COMMAND -trace 'pci_nvme*'",
      'journalctl -o short-iso-precise --identifier=qemu-system-x86_64 > qemu.syslog',
    ],
    ingest: ['bellwether ingest qemu.syslog'],
    pitfalls: [
      'The journal limits the rate of messages (RateLimitIntervalSec=0 in journald.conf lifts that), and syslog daemons squash repeated ones. Bellwether counts what they say was lost.',
      "Classic syslog stamps are whole seconds: a replay needs microseconds. The time is the journal's, not the event's.",
      NAMES,
      WHOLE_LIFE,
    ],
  },
  {
    kind: 'qemu-lttng',
    title: "QEMU's ust backend, by LTTng",
    where: 'host',
    formats: ['lttng-text'],
    shows: SHOWS,
    lacks: LACKS,
    replays: true,
    commands: [
      '# a QEMU that was configured with --enable-trace-backends=ust',
      'lttng create nvme --output=nvme.lttng',
      "lttng enable-event --userspace 'qemu:pci_nvme*'",
      'lttng add-context --userspace --type=vtid',
      'lttng start',
      '$QEMU_COMMAND &',
      '# ... the workload, in the guest ...',
      'lttng stop && lttng destroy',
      'babeltrace2 nvme.lttng > nvme.txt 2> nvme.lost',
    ],
    ingest: ['bellwether ingest nvme.txt'],
    pitfalls: [
      'Events that LTTng discarded are told on stderr only, here in nvme.lost: look at it. More or larger sub-buffers (lttng enable-channel) prevent it.',
      'Stamps are times of day without a date: a capture over midnight runs backwards.',
      "LTTng's own files (CTF) are not read.",
      NAMES,
      WHOLE_LIFE,
    ],
  },
  {
    kind: 'qemu-stap',
    title: "QEMU's dtrace backend, by SystemTap",
    where: 'host',
    formats: ['qemu-stap'],
    shows: SHOWS,
    lacks: LACKS,
    replays: true,
    commands: [
      '# as root; a QEMU that was configured with --enable-trace-backends=dtrace, as in Fedora and RHEL',
      "qemu-trace-stap run qemu-system-x86_64 'pci_nvme*' > nvme.stap",
      '# only one guest: qemu-trace-stap run --pid $QEMU_PID qemu-system-x86_64 ...',
    ],
    ingest: ['bellwether ingest nvme.stap'],
    pitfalls: [
      'Start it before the guest: it attaches to probes, and what came earlier is not there.',
      'The binary must be the one that runs; RHEL has it as /usr/libexec/qemu-kvm.',
      'SystemTap tells of skipped probes on stderr only.',
      'Other SystemTap or bpftrace scripts on the probes print what they like: declare their text, see docs/formats/declared.md.',
      NAMES,
    ],
  },
];
