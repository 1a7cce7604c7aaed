// Policies of the submission queue whose device polls, always or for a while. Numbers and names follow docs/policies.md.
// t: last shadow tail the device read (view.seen); h: next entry to fetch (view.position); e: EventIdx; s: shadow tail.

import { NS_PER_S } from '../../base/units.js';
import { advance, distance } from '../../nvme/ring.js';
import { type Parameter, type SqFamily, flag, real, whole } from './family.js';
import { type PolicyStep, type PolicyView, REREAD, onlyWhen, publish } from './policy.js';
import { ARM } from './sq-exact.js';

/** Outside every ring of fewer than 65,536 entries. */
const SENTINEL = 0xffff_ffff;
const POLL: Parameter = whole('poll-us', 'time between two looks', 1, [1, 100_000]);
const TRAIL = publish((view) => advance(view.position, -1, view.depth));
const SENTINEL_ONCE = publish((view) => (view.published === SENTINEL ? undefined : SENTINEL));

export const neverWritten: SqFamily = {
  name: 'never-written',
  id: 'P2',
  side: 'sq',
  formula: 'e stays 0; poll',
  provenance: 'QEMU on completion queues from July 2022 to January 2023 (a hang, as it didn\'t poll)',
  risk: 'one ring per lap, two with drivers that ring at e = new value; the device must never sleep',
  parameters: [POLL],
  program: ({ 'poll-us': us }) => ({ onStart: [REREAD], onCommand: [], onEmpty: [{ step: 'poll', everyNs: us! * 1000 }] }),
};

export const sentinel: SqFamily = {
  name: 'sentinel',
  id: 'P3',
  side: 'sq',
  formula: 'once: e := FFFFFFFFh; poll',
  provenance: 'SPDK lib/nvmf/vfio_user.c in poll mode',
  risk: 'one ring per lap; the device must never sleep',
  parameters: [POLL],
  program: ({ 'poll-us': us }) => ({ onStart: [SENTINEL_ONCE, REREAD], onCommand: [], onEmpty: [{ step: 'poll', everyNs: us! * 1000 }] }),
};

export const trailByOne: SqFamily = {
  name: 'trail-by-one',
  id: 'P4',
  side: 'sq',
  formula: 'at every look and command: e := h - 1; poll',
  provenance: 'SPDK vhost-nvme 2017 to 2020; FEMU since June 2026',
  risk: 'no ring at all: the device must never sleep',
  parameters: [POLL],
  program: ({ 'poll-us': us }) => ({ onStart: [TRAIL, REREAD], onCommand: [TRAIL], onEmpty: [{ step: 'poll', everyNs: us! * 1000 }] }),
};

const FETCHED: PolicyStep = { step: 'time', register: 0, value: (view) => view.nowNs };
const armed = (view: Readonly<PolicyView>): boolean => view.state[0] === 1;
const notArmed = (view: Readonly<PolicyView>): boolean => view.state[0] === 0;

/** Time register 0: when the last command was fetched. Register 0: whether that is T ago. */
export const pollThenArm: SqFamily = {
  name: 'poll-then-arm',
  id: 'P16',
  side: 'sq',
  formula: 'when empty: poll until T after the last command, then e := t; barrier; t := s; sleep only if still empty',
  provenance: 'io_uring SQPOLL, nvme-mdev, QEMU\'s IOThread; presumably the controller that the proposal of 2014 was made for',
  risk: 'a long T burns a core, a short one rings more often; e is left behind while it polls: one ring per lap unless it trails',
  parameters: [whole('t-us', 'time that it polls after the last command', 100, [1, 10_000_000], [10, 100, 1_000]), flag('trail', 'e := h - 1 after each command while it polls', 0), POLL],
  program: ({ 't-us': us, trail, 'poll-us': everyUs }) => ({
    onStart: [REREAD],
    onCommand: trail === 1 ? [FETCHED, TRAIL] : [FETCHED],
    onEmpty: [
      { step: 'measure', register: 0, holds: (view) => view.nowNs - view.times[0]! >= us! * 1000 },
      ...onlyWhen(armed, ARM),
      { step: 'poll', everyNs: everyUs! * 1000, forNs: us! * 1000, when: notArmed },
    ],
  }),
};

/** Time register 0: when the last command was fetched; 1: T; 2: when it fell asleep, 0 while awake. Register 0: whether T is over. */
export const adaptivePoll: SqFamily = {
  name: 'adaptive-poll',
  id: 'P17',
  side: 'sq',
  formula: 'as poll-then-arm; T doubles after a sleep shorter than its limit, and halves after a longer one',
  provenance: 'QEMU aio_poll: poll-max-ns, poll-grow, poll-shrink',
  risk: 'T swings where commands come about T apart',
  parameters: [whole('max-us', 'limit of T', 32, [1, 1_000_000], [32, 256, 2_048]), whole('min-us', 'T at first', 4, [1, 1_000_000]), POLL],
  program: ({ 'max-us': maxUs, 'min-us': minUs, 'poll-us': everyUs }) => {
    const maxNs = maxUs! * 1000;
    const firstNs = Math.min(minUs! * 1000, maxNs);
    const limitNs = (view: Readonly<PolicyView>): number => Math.max(view.times[1]!, firstNs);
    const adapted = (view: Readonly<PolicyView>): number => {
      if (view.times[2] === 0) return view.times[1]!;
      return view.nowNs - view.times[2]! <= maxNs ? Math.min(limitNs(view) * 2, maxNs) : Math.max(limitNs(view) / 2, firstNs);
    };
    return {
      onStart: [{ step: 'time', register: 1, value: adapted }, { step: 'time', register: 2, value: () => 0 }, REREAD],
      onCommand: [FETCHED],
      onEmpty: [
        { step: 'measure', register: 0, holds: (view) => view.nowNs - view.times[0]! >= limitNs(view) },
        ...onlyWhen(armed, [...ARM, { step: 'time', register: 2, value: (view) => view.nowNs }]),
        { step: 'poll', everyNs: everyUs! * 1000, forNs: limitNs, when: notArmed },
      ],
    };
  },
};

/**
 * Time registers: 0 the tail that it counted up to, 1 when, 2 mean time between two arrivals in ns, 3 arrivals so far.
 * Registers: 0 whether it is in fast mode; 1 whether the rate has passed the mark at which that changes.
 */
export const rateSwitch: SqFamily = {
  name: 'rate-switch',
  id: 'P18',
  side: 'sq',
  formula: 'mean of arrivals above R_hi: e := h - 1 and poll; below R_lo: as arm-when-empty',
  provenance: 'NAPI and interrupt moderation, taken over to doorbells',
  risk: 'the change of mode is where a wake-up can be lost: it arms and looks again; marks too close together make it swing',
  parameters: [
    whole('high-per-s', 'arrivals per second above which it polls', 50_000, [1, 100_000_000], [10_000, 50_000, 200_000]),
    whole('low-per-s', 'arrivals per second below which it stops polling', 20_000, [1, 100_000_000], [5_000, 20_000, 100_000]),
    real('weight', 'weight of the newest gap in the mean', 0.125, [0.001, 1]),
    POLL,
  ],
  program: ({ 'high-per-s': high, 'low-per-s': low, weight, 'poll-us': everyUs }) => {
    const arrived = (view: Readonly<PolicyView>): number => distance(view.times[0]!, view.seen, view.depth);
    const meanNs = (view: Readonly<PolicyView>): number => {
      const count = arrived(view);
      if (count === 0) return view.times[2]!;
      const gapNs = (view.nowNs - view.times[1]!) / count;
      const kept = view.times[3] === 0 ? 0 : (1 - weight!) ** count;
      return view.times[2]! * kept + gapNs * (1 - kept);
    };
    // While nothing arrives the gap grows, and with it the mean that is still possible.
    const gapNs = (view: Readonly<PolicyView>): number => (view.times[3] === 0 ? Infinity : Math.max(view.times[2]!, view.nowNs - view.times[1]!));
    const fast = (view: Readonly<PolicyView>): boolean => view.state[0] === 1;
    const slow = (view: Readonly<PolicyView>): boolean => view.state[0] === 0;
    const some = (view: Readonly<PolicyView>): boolean => view.times[0] !== view.seen;
    const count: readonly PolicyStep[] = [
      { step: 'time', register: 2, value: meanNs },
      { step: 'time', register: 3, value: (view) => view.times[3]! + arrived(view) },
      { step: 'time', register: 1, value: (view) => (some(view) ? view.nowNs : view.times[1]!) },
      { step: 'time', register: 0, value: (view) => view.seen },
    ];
    return {
      onStart: [REREAD],
      onCommand: [...count, ...onlyWhen(fast, [TRAIL, REREAD])],
      onEmpty: [
        ...count,
        { step: 'measure', register: 1, holds: (view) => (fast(view) ? gapNs(view) >= NS_PER_S / low! : gapNs(view) < NS_PER_S / high!) },
        { step: 'set', register: 0, value: (view) => (view.state[1] === 1 ? 1 - view.state[0]! : view.state[0]!) },
        { step: 'set', register: 1, value: () => 0 },
        ...onlyWhen(slow, ARM),
        { step: 'poll', everyNs: everyUs! * 1000, forNs: NS_PER_S / low!, when: fast },
      ],
    };
  },
};

export const fixedSweep: SqFamily = {
  name: 'fixed-sweep',
  id: 'P20',
  side: 'sq',
  formula: 'e := FFFFFFFFh or h - 1, never armed; a pass every D',
  provenance: 'Linux nvmet pci-epf, D = 5 ms when idle',
  risk: 'a command waits D / 2 on average',
  parameters: [whole('d-us', 'time from one pass to the next', 5_000, [1, 1_000_000], [50, 500, 5_000]), flag('trail', 'e := h - 1 instead of the sentinel', 1)],
  program: ({ 'd-us': us, trail }) => ({
    onStart: trail === 1 ? [TRAIL, REREAD] : [SENTINEL_ONCE, REREAD],
    onCommand: trail === 1 ? [TRAIL] : [],
    onEmpty: [{ step: 'timer', afterNs: us! * 1000 }],
  }),
};
