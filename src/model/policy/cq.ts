// Event-index policies of the completion queue. Numbers and names follow the catalogue in docs/policies.md.
// H: last shadow head the device read (view.seen); c: next entry to post (view.position); e: EventIdx; s: shadow head;
// N: entries of the queue.

import { advance, distance, freeEntries } from '../../nvme/ring.js';
import { type CqFamily, type Parameter, instance, smallEnough, whole } from './family.js';
import { BARRIER, type PolicyStep, REREAD, publish } from './policy.js';

/** A value that no ring of fewer than 65536 entries holds. */
const SENTINEL = 0xffff_ffff;
const ARM_AT_HEAD = [publish((view) => view.seen), BARRIER, REREAD] as const;
const RECHECK: Parameter = whole('recheck-us', 'while a completion waits for room, look again after this time; 0: wait for a ring', 0, [0, 1_000_000], [0, 5, 50]);

function recheck(us: number): readonly PolicyStep[] {
  return us === 0 ? [] : [{ step: 'poll', everyNs: us * 1000 }];
}

/** SPDK's vfio-user target: EventIdx outside the ring, head read only when space runs out. */
export const cqNeverFamily: CqFamily = {
  name: 'never',
  id: 'C1',
  side: 'cq',
  formula: 'once: e := FFFFFFFFh; when full: H := s',
  provenance: 'SPDK lib/nvmf/vfio_user.c',
  risk: 'one ring per lap is left; a full queue is noticed only if something else wakes the device, as SPDK itself does',
  parameters: [RECHECK],
  program: ({ 'recheck-us': us }) => ({ onConfig: [publish(() => SENTINEL)], onPost: [], onFull: [REREAD, ...recheck(us!)] }),
};

/** QEMU 7.1 and 7.2.0, FEMU before June 2026: EventIdx stays as the driver zeroed it, the head is read before each completion. */
export const cqNeverWrittenFamily: CqFamily = {
  name: 'never-written',
  id: 'P2',
  side: 'cq',
  formula: 'e stays 0; before each CQE: H := s',
  provenance: 'QEMU hw/nvme 7.1 and 7.2.0 (nvme_post_cqes), until January 2023: guests hung',
  risk: 'one ring per lap is left; a full queue is noticed only if something else wakes the device',
  parameters: [],
  program: () => ({ onConfig: [], onPost: [REREAD], onFull: [] }),
};

/** QEMU hw/nvme since 8.0: echo the last head seen before each posted completion, then look again. */
export const cqFollowHeadFamily: CqFamily = {
  name: 'follow-head',
  id: 'C2',
  side: 'cq',
  formula: 'before each CQE: e := H; barrier; H := s',
  provenance: 'QEMU hw/nvme (nvme_post_cqes) since 8.0 and 7.2.1',
  risk: 'most CQ rings are kept',
  parameters: [],
  program: () => ({ onConfig: [], onPost: ARM_AT_HEAD, onFull: [] }),
};

/** Propolis since January 2026: ring when the guest is about to empty the queue. */
export const cqTailMinusOneFamily: CqFamily = {
  name: 'tail-minus-one',
  id: 'C3',
  side: 'cq',
  formula: 'before each CQE: H := s; if more than one entry is occupied: e := c - 1',
  provenance: 'Propolis commit e25e56ee',
  risk: 'one ring per drain',
  parameters: [],
  program: () => ({
    onConfig: [],
    onPost: [REREAD, publish((view) => (distance(view.seen, view.position, view.depth) > 1 ? advance(view.position, -1, view.depth) : undefined))],
    onFull: [],
  }),
};

/** OpenVMM until August 2025. */
export const cqNearFull: CqFamily = {
  name: 'near-full',
  id: 'C4',
  side: 'cq',
  formula: 'before each CQE with N - m entries occupied or more: e := H; barrier; H := s',
  provenance: 'OpenVMM from October 2024 to August 2025, m = 3',
  risk: 'none known with full barriers on both sides and m of 1 or more: posting looks again; rings only under pressure',
  parameters: [smallEnough(whole('m', 'entries short of the queue\'s size from which on it arms', 3, [1, 65_535], [3, 8, 32]), 2)],
  program: ({ m }) => {
    const near: PolicyStep['when'] = (view) => distance(view.seen, view.position, view.depth) >= view.depth - m!;
    return { onConfig: [], onPost: [{ ...REREAD, when: near }, ...ARM_AT_HEAD.map((step) => ({ ...step, when: near }))], onFull: [] };
  },
};

/** OpenVMM: arm only when a completion can't be posted, then look again. */
export const cqArmWhenFullFamily: CqFamily = {
  name: 'arm-when-full',
  id: 'C5',
  side: 'cq',
  formula: 'when full: e := H; barrier; H := s; wait only if still full',
  provenance: 'OpenVMM vm/devices/storage/nvme',
  risk: 'none known with full barriers on both sides; rings only when the device is blocked',
  parameters: [],
  program: () => ({ onConfig: [], onPost: [], onFull: ARM_AT_HEAD }),
};

export const cqHalfDepth: CqFamily = {
  name: 'half-depth',
  id: 'C6',
  side: 'cq',
  formula: 'before each CQE: H := s; e := H + N/2 if H moved; when full: H := s, and again every D',
  provenance: 'nvme-mdev, which polls',
  risk: 'a full queue waits until the driver has consumed half of it, or for the next look',
  parameters: [{ ...RECHECK, default: 5 }],
  program: ({ 'recheck-us': us }) => ({
    onConfig: [],
    onPost: [
      REREAD,
      publish((view) => {
        const index = advance(view.seen, Math.floor(view.depth / 2), view.depth);
        return index === view.published ? undefined : index;
      }),
    ],
    onFull: [REREAD, ...recheck(us!)],
  }),
};

export const cqTrailByOne: CqFamily = {
  name: 'trail-by-one',
  id: 'C7',
  side: 'cq',
  formula: 'before each CQE: H := s; e := H - 1; when full: H := s, and again every D',
  provenance: 'FEMU since June 2026; SPDK vhost-nvme 2017 to 2020',
  risk: 'no ring unless the driver consumes a whole lap: a full queue is noticed by polling alone',
  parameters: [{ ...RECHECK, default: 5 }],
  program: ({ 'recheck-us': us }) => ({
    onConfig: [],
    onPost: [REREAD, publish((view) => advance(view.seen, -1, view.depth))],
    onFull: [REREAD, ...recheck(us!)],
  }),
};

export const cqReserve: CqFamily = {
  name: 'reserve',
  id: 'C8',
  side: 'cq',
  formula: 'before each CQE: H := s; with q free entries or more: e := H - 1; with fewer, and when full: e := H; barrier; H := s',
  provenance: 'sketched in Propolis commit e25e56ee, built nowhere that is known',
  risk: 'none known with full barriers on both sides; q is the number of submission queues that share the completion queue',
  parameters: [smallEnough(whole('q', 'entries to keep free: submission queues that are attached', 1, [1, 65_535], [1, 2, 4]), 2)],
  program: ({ q }) => {
    const scarce: PolicyStep['when'] = (view) => freeEntries(view.seen, view.position, view.depth) < q!;
    return {
      onConfig: [],
      onPost: [
        REREAD,
        publish((view) => (scarce(view) ? view.seen : advance(view.seen, -1, view.depth))),
        { ...BARRIER, when: scarce },
        { ...REREAD, when: scarce },
      ],
      onFull: ARM_AT_HEAD,
    };
  },
};

export const cqNever = instance(cqNeverFamily);
export const cqNeverWritten = instance(cqNeverWrittenFamily);
export const cqFollowHead = instance(cqFollowHeadFamily);
export const cqTailMinusOne = instance(cqTailMinusOneFamily);
export const cqArmWhenFull = instance(cqArmWhenFullFamily);
