// Known driver and device bugs, and which rules show them. A bug whose effect no trace can show says why.

export interface KnownBug {
  /** Driver or device, and the change that mended it. */
  readonly bug: string;
  /** What goes wrong. */
  readonly effect: string;
  /** Rules by which a trace shows it; several: any, by what was captured. Empty: none. */
  readonly rules: readonly string[];
  /** What is left behind when no rule shows it, or what the rules can't tell apart. */
  readonly note: string;
}

export const DRIVER_BUGS: readonly KnownBug[] = [
  { bug: 'Linux 4.12, 4.13: wrong support bit (223694b9ae8b)', effect: 'Doorbell Buffer Config is not sent, or is sent to a device that refuses it', rules: ['dbbuf-refused'], note: 'not sending it shows only beside an epoch that did (dbbuf-missing): Identify data are not traced' },
  { bug: 'Linux before 4.19: no barrier between shadow store and EventIdx load (f1ed3df20d2d); the 2014 proposal and SPDK before 7188bb994f alike', effect: 'lost wake-up', rules: ['missed-ring', 'stalled-command', 'abort-sent'], note: 'the store is not traced: the stall shows where set-ups or a later kick do' },
  { bug: 'Linux before 5.2: no Doorbell Buffer Config after a reset', effect: 'only announcements that pass an index that stays are made', rules: ['dbbuf-missing', 'stalled-command'], note: '' },
  { bug: 'Linux before 5.16: shadow words keep values from before a reset (58847f12fe78)', effect: 'the first command is lost, or phantom ones are fetched', rules: ['stale-shadow-word', 'zeroed-entry', 'stalled-command'], note: 'a driver that overwrites the word before the device looks leaves only the stall' },
  { bug: 'Linux before 5.10: buffers used after Doorbell Buffer Config failed (0f0d2c876c96)', effect: 'announcements go into memory that was freed', rules: ['dbbuf-refused', 'stalled-command'], note: '' },
  { bug: 'Linux before 6.2 on big-endian hosts: words in native order (b5f96cb719d8)', effect: 'the device sees tail 0', rules: ['shadow-byte-order', 'shadow-behind-register'], note: 'traces of 16 bits show 0: told from a driver that never stores by nothing' },
  { bug: 'Linux before 6.8: I/O let go before Doorbell Buffer Config (06c59d427017)', effect: 'announcements that nobody reads', rules: ['dbbuf-after-io', 'stalled-command'], note: '' },
  { bug: 'Linux: clean-up touches a queue too many (b4e78f1427c7)', effect: 'a write beyond an array', rules: [], note: 'leaves no mark but the refusal before it (dbbuf-refused)' },
  { bug: 'Linux 5.8: the same tail written twice (38210800bf66)', effect: 'an invalid doorbell value', rules: ['doorbell-repeated'], note: 'under shadow doorbells the repeat is never written' },
  { bug: 'Linux 5.7-rc: CQ head passes the end before it wraps', effect: 'a head equal to the number of entries, for an instant', rules: ['doorbell-out-of-range', 'cq-head-beyond'], note: 'only if the value was announced in that instant' },
  { bug: 'Linux before 5.7: CQ head announced before the entries were read (324b494c2862)', effect: 'the device overwrites entries that are still to be read', rules: ['duplicate-cid', 'unmatched-completion'], note: 'only by what follows: the reads are not traced' },
  { bug: 'Linux: admin queue left out of the shadow words', effect: 'a device that trusts the words alone hangs', rules: ['admin-one-sided', 'stalled-command'], note: '' },
  { bug: 'Linux 5.17 to 6.12: batches in reverse order (beadf0088501)', effect: 'order within a batch', rules: [], note: 'legal; no rule looks at the order of blocks' },
  { bug: 'hobby drivers: ring too long by one', effect: 'an entry of zeroes is executed', rules: ['zeroed-entry', 'doorbell-out-of-range'], note: '' },
  { bug: 'drivers that ring without storing the shadow word', effect: 'nothing is fetched', rules: ['shadow-behind-register'], note: '' },
  { bug: 'misaligned or 8-byte doorbell writes', effect: 'a neighbour is written too', rules: ['device-refused-doorbell', 'doorbell-no-queue', 'cq-head-beyond'], note: '' },
  { bug: 'old drivers that set no entry sizes (QEMU 6a33f2e920)', effect: 'queues can not be created', rules: ['queue-refused'], note: '' },
];

export const DEVICE_BUGS: readonly KnownBug[] = [
  { bug: 'QEMU 7.1.0, 7.2.0: CQ EventIdx never written (fa5db2aa16)', effect: 'one CQ ring per lap; pins stay asserted', rules: ['eventidx-never-published', 'stalled-completion'], note: '' },
  { bug: 'QEMU before 9.2: submission queue filled to its last entry hangs (9529aa6bb4)', effect: 'entries are not fetched', rules: ['stalled-command'], note: 'the evidence shows as many commands in the device as the queue has entries' },
  { bug: 'QEMU: CQ EventIdx taken before the head is read, with pins', effect: 'the pin stays asserted with nothing to do', rules: ['completion-polled', 'stalled-completion'], note: 'the level of the pin is not traced' },
  { bug: 'QEMU: pin stays asserted over a reset', effect: 'interrupts with nothing to do', rules: [], note: 'the level of the pin is not traced' },
  { bug: 'interrupt controllers that take a level for an edge', effect: 'a completion waits', rules: ['stalled-completion', 'completion-polled'], note: 'an interrupt was sent: the evidence says so' },
  { bug: 'EventIdx published and the shadow word not read again', effect: 'lost wake-up', rules: ['eventidx-not-rechecked', 'stalled-command'], note: '' },
  { bug: 'EventIdx left behind (trail-by-one, sentinel) by a device that sleeps; nvme-mdev and FEMU must keep polling', effect: 'lost wake-up', rules: ['stalled-command'], note: 'the evidence shows an EventIdx that is not the tail' },
  { bug: 'QEMU before 8.1: shadow words in host order (2fda0726e5, ea3c76f149)', effect: 'the device sees other values', rules: ['shadow-byte-order', 'shadow-behind-register', 'unmatched-completion'], note: '' },
  { bug: 'QEMU 7.1: one interrupt for each completion (d38cc6fd1c)', effect: 'slow', rules: [], note: 'looks like a backend that completes one at a time; "info" shows interrupts and commands' },
  { bug: 'QEMU 7.1 candidates: eventfd callback after the queue is gone (a2da737729)', effect: 'freed memory is used', rules: ['shadow-not-owned', 'work-without-queue'], note: '' },
  { bug: 'QEMU: pin by CQ number, cleared while another CQ holds entries (83d7ed5c57, ca247d3509, 6da021815e)', effect: 'a completion waits', rules: ['stalled-completion', 'completion-polled', 'no-interrupt'], note: '' },
  { bug: 'buffers kept over a reset (OpenVMM pull request 4080)', effect: 'memory of others is overwritten', rules: ['shadow-not-owned'], note: '' },
  { bug: 'QEMU: shadow words not initialised at queue creation', effect: 'phantom commands, if the driver leaves old values', rules: ['stale-shadow-word', 'zeroed-entry'], note: '' },
  { bug: 'QEMU: shadow tail outside the ring is not refused', effect: 'the ring is fetched round and round', rules: ['doorbell-out-of-range', 'duplicate-cid'], note: '' },
  { bug: 'a device without a full barrier between its EventIdx store and its second look, or with fences that do not order the two (Propolis on Arm, by its fences)', effect: 'lost wake-up', rules: ['stalled-command'], note: 'the look is in the trace and came too early: only the stall shows' },
  { bug: 'OpenVMM, October 2024 to August 2025: EventIdx moved on without a second look', effect: 'lost wake-up, where the device sleeps', rules: ['eventidx-not-rechecked', 'stalled-command'], note: '' },
  { bug: 'Propolis before f99d237f: Doorbell Buffer Config that meets I/O locks up', effect: 'nothing is fetched any more', rules: ['stalled-command', 'dbbuf-after-io'], note: 'the second where the I/O began before the command' },
  { bug: 'a device that fetches beyond the tail, or works on queues that a reset or a deletion took away', effect: 'phantom commands', rules: ['unannounced-fetch', 'work-without-queue', 'zeroed-entry'], note: 'the first without shadow doorbells; a missing record of a doorbell looks the same' },
  { bug: 'FEMU before June 2026: EventIdx set to the tail at every look, nothing on the CQ side', effect: 'every announcement is a register write', rules: ['eventidx-never-published'], note: 'legal, and slow: "info" shows as many SQ writes as commands; the rule shows the CQ side' },
  { bug: 'QEMU before 5.1: BAR shorter than its doorbells (f7e8c23f39)', effect: 'writes for the last queues do not arrive', rules: ['stalled-command', 'abort-sent'], note: "the first where the driver's own events were captured: the device sees no write" },
  { bug: 'QEMU 9.1 and 10.0: Abort, status after a queue was deleted (75209c071a, 304babd940)', effect: 'other answers to admin commands', rules: [], note: 'no doorbell is concerned; abort-sent tells of the Abort' },
  { bug: 'QEMU: an entry can not be fetched, a completion not posted', effect: 'CSTS.CFS', rules: ['controller-fatal-status'], note: '' },
  { bug: 'Propolis before e25e56ee: CQ never rings, and a full CQ is not noticed', effect: 'the submission queue stands still', rules: ['stalled-command', 'stalled-completion'], note: 'the second where the device takes commands whose completions it can not post' },
  { bug: 'SPDK, QEMU 2022 (poll mode): EventIdx outside the ring or never written', effect: 'one ring per lap', rules: ['eventidx-never-published'], note: 'meant so by a device that polls' },
];
