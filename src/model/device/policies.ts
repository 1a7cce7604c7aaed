// Event-index policies that only one device ships with. Numbers follow the catalogue in docs/policies.md.
// t: last shadow tail the device read; h: next entry to fetch; H: last CQ head it read; e: EventIdx; s: shadow word; N: entries.

import { advance } from '../../nvme/ring.js';
import { BARRIER, type CqPolicy, REREAD, type SqPolicy, publish } from '../policy/policy.js';

/** A value that no ring of fewer than 65536 entries holds. */
const SENTINEL = 0xffff_ffff;

/** SPDK's vfio-user target in poll mode. */
export const pollSentinel: SqPolicy = {
  name: 'sentinel',
  id: 'P3',
  side: 'sq',
  formula: 'once: e := FFFFFFFFh; t := s at every look',
  provenance: 'SPDK lib/nvmf/vfio_user.c in poll mode',
  risk: 'one ring per lap is left; for a device that polls, and no other',
  program: {
    onStart: [publish((view) => (view.published === SENTINEL ? undefined : SENTINEL)), REREAD],
    onCommand: [],
    onEmpty: [],
  },
};

/** FEMU since June 2026, and SPDK's vhost-nvme target before. */
export const trailByOne: SqPolicy = {
  name: 'trail-by-one',
  id: 'P4',
  side: 'sq',
  formula: 'at every look: t := s; e := t - 1; after each command: e := h - 1',
  provenance: 'FEMU hw/femu since 2b230f4ec; SPDK lib/vhost/vhost_nvme.c 2017 to 2020',
  risk: 'never rings: for a device that polls, and no other',
  program: {
    onStart: [REREAD, publish((view) => advance(view.seen, -1, view.depth))],
    onCommand: [publish((view) => advance(view.position, -1, view.depth))],
    onEmpty: [],
  },
};

/** FEMU before June 2026. */
export const echoTail: SqPolicy = {
  name: 'echo-tail',
  id: 'P1',
  side: 'sq',
  formula: 'at every look: t := s; e := t',
  provenance: 'FEMU hw/femu before 2b230f4ec',
  risk: 'every exit remains, and a write for each look; for a device that polls',
  program: {
    onStart: [REREAD, publish((view) => view.seen)],
    onCommand: [],
    onEmpty: [],
  },
};

/** SPDK's vfio-user target in interrupt mode. After three attempts it kicks itself, which comes to the same as trying again. */
export const boundedReArm: SqPolicy = {
  name: 're-arm',
  id: 'P9',
  side: 'sq',
  formula: 'when empty: t := s; e := t; barrier; t := s; sleep only if t = h',
  provenance: 'SPDK lib/nvmf/vfio_user.c in interrupt mode',
  risk: 'none known with full barriers on both sides',
  program: {
    onStart: [REREAD],
    onCommand: [],
    onEmpty: [REREAD, publish((view) => view.seen), BARRIER, REREAD],
  },
};

/** FEMU since June 2026. */
export const cqTrailByOne: CqPolicy = {
  name: 'trail-by-one',
  id: 'C7',
  side: 'cq',
  formula: 'before each CQE: H := s; e := H - 1',
  provenance: 'FEMU hw/femu since 2b230f4ec; SPDK lib/vhost/vhost_nvme.c 2017 to 2020',
  risk: 'never rings: for a device that polls, and no other',
  program: {
    onConfig: [],
    onPost: [REREAD, publish((view) => advance(view.seen, -1, view.depth))],
    onFull: [REREAD],
  },
};
