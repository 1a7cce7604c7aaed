// Device programs to verify beside the policies of the catalogue: what other devices run, and four ways to do it wrong.
// They are programs like the catalogue's own, so that a catalogue may take them over as they are.
// t: last shadow tail the device read; h: next entry to fetch; e: EventIdx; s: shadow tail.

import { BARRIER, REREAD, type SqPolicy, publish } from '../model/policy/policy.js';
import { advance } from '../nvme/ring.js';

const ARM_AT_TAIL = publish((view) => view.seen);
const ARM_HALF_AHEAD = publish((view) => advance(view.position, Math.floor(view.depth / 2), view.depth));
const TRAIL_BY_ONE = publish((view) => advance(view.position, -1, view.depth));

/** Sound programs that aren't in the catalogue. */
export const SOUND_VARIANTS: readonly SqPolicy[] = [
  {
    name: 'arm-when-empty-always',
    id: 'V1',
    side: 'sq',
    formula: 'when empty: e := t; barrier; t := s; sleep only if still empty',
    provenance: 'vhost_enable_notify; arm-when-empty without its saving',
    risk: 'one EventIdx write more than arm-when-empty after a wake-up for nothing',
    program: { onStart: [REREAD], onCommand: [], onEmpty: [ARM_AT_TAIL, BARRIER, REREAD] },
  },
  {
    // SPDK gives up after three attempts and wakes itself: to the other thread no different from trying again.
    name: 're-arm',
    id: 'V2',
    side: 'sq',
    formula: 'when empty: t := s; e := t; barrier; t := s; sleep only if t = h',
    provenance: 'SPDK lib/nvmf/vfio_user.c in interrupt mode, without its bound on attempts',
    risk: 'none known with full barriers on both sides',
    program: { onStart: [REREAD], onCommand: [], onEmpty: [REREAD, ARM_AT_TAIL, BARRIER, REREAD] },
  },
  {
    // How long it polls before it parks makes no difference to safety: the device may be as slow as it likes anyway.
    name: 'half-depth-park',
    id: 'V3',
    side: 'sq',
    formula: 'after each command: e := h + N/2; t := s; when empty: e := h; barrier; t := s; sleep only if still empty',
    provenance: 'nvme-mdev: half the depth ahead while it polls, armed before it parks',
    risk: 'none known with full barriers on both sides',
    program: { onStart: [REREAD], onCommand: [ARM_HALF_AHEAD, REREAD], onEmpty: [publish((view) => view.position), BARRIER, REREAD] },
  },
];

/** Programs that lose wake-ups whatever the barriers. */
export const FAULTY_VARIANTS: readonly SqPolicy[] = [
  {
    name: 'half-depth-asleep',
    id: 'F1',
    side: 'sq',
    formula: 'after each command: e := h + N/2; barrier; t := s; sleep when empty',
    provenance: 'look-ahead of a polling device, left armed while it sleeps',
    risk: 'the next commands up to the event index never ring',
    program: { onStart: [REREAD], onCommand: [ARM_HALF_AHEAD, BARRIER, REREAD], onEmpty: [] },
  },
  {
    name: 'trail-by-one-asleep',
    id: 'F2',
    side: 'sq',
    formula: 'after each command: e := h - 1; barrier; t := s; sleep when empty',
    provenance: 'FEMU since June 2026 and SPDK vhost-nvme, if they slept; they poll',
    risk: 'nothing rings until the ring has gone round',
    program: { onStart: [REREAD], onCommand: [TRAIL_BY_ONE, BARRIER, REREAD], onEmpty: [] },
  },
  {
    name: 'publish-no-reread',
    id: 'F3',
    side: 'sq',
    formula: 'when empty: e := t; barrier; sleep',
    provenance: 'OpenVMM before August 2025 didn\'t look again; this is the shape of it',
    risk: 'a command added before the publication is visible is never looked at',
    program: { onStart: [REREAD], onCommand: [], onEmpty: [ARM_AT_TAIL, BARRIER] },
  },
  {
    name: 'reread-before-publish',
    id: 'F4',
    side: 'sq',
    formula: 'when empty: t := s; if still empty: e := t; barrier; sleep',
    provenance: 'the two steps in the wrong order',
    risk: 'a command added between the two is never looked at',
    program: { onStart: [REREAD], onCommand: [], onEmpty: [REREAD, ARM_AT_TAIL, BARRIER] },
  },
];
