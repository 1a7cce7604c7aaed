// Event-index policies of the submission queue. Numbers and names follow the catalogue in docs/policies.md.
// t: last shadow tail the device read (view.seen); h: next entry to fetch (view.position); e: EventIdx; s: shadow tail.

import { BARRIER, REREAD, type SqPolicy, publish } from './policy.js';

/** QEMU hw/nvme since 7.1: echo the last tail seen after every command, then look again. */
export const followTail: SqPolicy = {
  name: 'follow-tail',
  id: 'P5',
  side: 'sq',
  formula: 'after each command: e := t; barrier; t := s',
  provenance: 'QEMU hw/nvme (nvme_process_sq)',
  risk: 'rings again while a backlog exists; safe with full barriers on both sides',
  program: {
    onStart: [REREAD],
    onCommand: [publish((view) => view.seen), BARRIER, REREAD],
    onEmpty: [],
  },
};

/** Propolis: echo the consumer's own position after every command. */
export const followHead: SqPolicy = {
  name: 'follow-head',
  id: 'P6',
  side: 'sq',
  formula: 'after each command: e := h; barrier; t := s',
  provenance: 'Propolis (hw/nvme/queue.rs)',
  risk: 'one shared write per command; needs a full barrier between the write and the re-read',
  program: {
    onStart: [REREAD],
    onCommand: [publish((view) => view.position), BARRIER, REREAD],
    onEmpty: [],
  },
};

/** OpenVMM since August 2025, and virtio's enable_notify: publish only when about to sleep, then look again. */
export const armWhenEmpty: SqPolicy = {
  name: 'arm-when-empty',
  id: 'P8',
  side: 'sq',
  formula: 'when empty: e := t unless it is already; barrier; t := s; sleep only if still empty',
  provenance: 'OpenVMM (since August 2025); vhost_enable_notify',
  risk: 'none known with full barriers on both sides; the fewest EventIdx writes of the exact policies',
  program: {
    onStart: [REREAD],
    onCommand: [],
    onEmpty: [publish((view) => (view.published === view.seen ? undefined : view.seen)), BARRIER, REREAD],
  },
};
