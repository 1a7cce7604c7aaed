// Policies of the submission queue that are driven by events alone: the baselines that are not polled, and the exact family.
// Numbers and names follow docs/policies.md. t: last shadow tail the device read (view.seen); h: next entry to fetch
// (view.position); e: EventIdx; s: shadow tail.

import { type SqFamily, smallEnough, whole } from './family.js';
import { BARRIER, REREAD, onlyWhen, publish } from './policy.js';

const AT_TAIL = publish((view) => view.seen);
const AT_HEAD = publish((view) => view.position);
/** Left out where the word holds the value already. */
const AT_TAIL_IF_NEW = publish((view) => (view.published === view.seen ? undefined : view.seen));
const ECHO_TAIL = [AT_TAIL, BARRIER, REREAD] as const;

/** What a device does that is about to sleep: arm, then look once more. */
export const ARM = [AT_TAIL_IF_NEW, BARRIER, REREAD] as const;

export const off: SqFamily = {
  name: 'off',
  id: 'P0',
  side: 'sq',
  formula: 'no shadow doorbells: every update is a register write',
  provenance: 'every device without Doorbell Buffer Config',
  risk: 'none: all exits are kept, on completion queues too',
  parameters: [],
  withoutShadow: true,
  program: () => ({ onStart: [REREAD], onCommand: [], onEmpty: [REREAD] }),
};

export const everyUpdate: SqFamily = {
  name: 'every-update',
  id: 'P1',
  side: 'sq',
  formula: 'at every look: e := t; barrier; t := s; a device that polls: t := s; e := t',
  provenance: 'FEMU on submission queues before June 2026, which polls',
  risk: 'nearly all exits are kept, and a shared write comes to each: an upper bound for exits, a lower bound for latency; without the barrier the device must never sleep',
  parameters: [whole('poll-us', 'time between two looks of a device that polls; 0: it sleeps', 0, [0, 100_000])],
  program: ({ 'poll-us': us }) =>
    us === 0
      ? { onStart: [REREAD, ...ECHO_TAIL], onCommand: ECHO_TAIL, onEmpty: ECHO_TAIL }
      : { onStart: [REREAD, AT_TAIL], onCommand: [], onEmpty: [{ step: 'poll', everyNs: us! * 1000 }] },
};

export const followTailFamily: SqFamily = {
  name: 'follow-tail',
  id: 'P5',
  side: 'sq',
  formula: 'after each command: e := t; barrier; t := s',
  provenance: 'QEMU hw/nvme (nvme_process_sq)',
  risk: 'rings again while a backlog exists; safe with full barriers on both sides',
  parameters: [],
  program: () => ({ onStart: [REREAD], onCommand: ECHO_TAIL, onEmpty: [] }),
};

export const followHeadFamily: SqFamily = {
  name: 'follow-head',
  id: 'P6',
  side: 'sq',
  formula: 'after each command: e := h; barrier; t := s',
  provenance: 'Propolis (hw/nvme/queue.rs)',
  risk: 'one shared write per command; needs a full barrier between the write and the re-read',
  parameters: [],
  program: () => ({ onStart: [REREAD], onCommand: [AT_HEAD, BARRIER, REREAD], onEmpty: [] }),
};

/** Register 0 counts the commands since the last publication. */
export const followHeadBatched: SqFamily = {
  name: 'follow-head-batched',
  id: 'P7',
  side: 'sq',
  formula: 'after each B commands, and when empty: e := h; barrier; t := s',
  provenance: 'QEMU with polling, as discussed in November 2022',
  risk: 'silent during a batch; safe with full barriers on both sides',
  parameters: [smallEnough(whole('b', 'commands between two publications', 8, [1, 4096], [1, 4, 8, 32]), 2)],
  program: ({ b }) => ({
    onStart: [REREAD],
    onCommand: [
      { step: 'set', register: 0, value: (view) => (view.state[0]! + 1) % b! },
      ...onlyWhen((view) => view.state[0] === 0, [AT_HEAD, BARRIER, REREAD]),
    ],
    onEmpty: [publish((view) => (view.published === view.position ? undefined : view.position)), BARRIER, REREAD, { step: 'set', register: 0, value: () => 0 }],
  }),
};

export const armWhenEmptyFamily: SqFamily = {
  name: 'arm-when-empty',
  id: 'P8',
  side: 'sq',
  formula: 'when empty: e := t unless it is already; barrier; t := s; sleep only if still empty',
  provenance: 'OpenVMM (since August 2025); vhost_enable_notify',
  risk: 'none known with full barriers on both sides; the fewest EventIdx writes of the exact policies',
  parameters: [],
  program: () => ({ onStart: [REREAD], onCommand: [], onEmpty: ARM }),
};

/** Register 0 counts the attempts of this pass. */
export const boundedReArm: SqFamily = {
  name: 're-arm-bounded',
  id: 'P9',
  side: 'sq',
  formula: 'when empty, R times at most: t := s; e := t; barrier; t := s; sleep only if t = h; after R losses: look again soon',
  provenance: 'SPDK lib/nvmf/vfio_user.c in interrupt mode, R = 3',
  risk: 'none known with full barriers on both sides; under load it wakes itself instead of arming',
  parameters: [whole('r', 'attempts in one pass', 3, [1, 64], [1, 3, 8]), whole('kick-us', 'time until it looks again after R losses', 5, [1, 10_000])],
  program: ({ r, 'kick-us': kickUs }) => ({
    onStart: [{ step: 'set', register: 0, value: () => 0 }, REREAD],
    onCommand: [],
    onEmpty: [
      { step: 'set', register: 0, value: (view) => Math.min(view.state[0]! + 1, r! + 1) },
      ...onlyWhen((view) => view.state[0]! <= r!, [REREAD, AT_TAIL, BARRIER, REREAD]),
      { step: 'timer', afterNs: kickUs! * 1000, when: (view) => view.state[0]! > r! },
    ],
  }),
};
