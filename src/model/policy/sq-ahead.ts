// Policies of the submission queue that let the driver run ahead: EventIdx beyond the next command, or held back by what is
// in flight. Numbers and names follow docs/policies.md. t: last shadow tail the device read (view.seen); h: next entry to
// fetch (view.position); e: EventIdx; s: shadow tail; N: entries of the queue.

import { advance, distance } from '../../nvme/ring.js';
import { type Parameter, type SqFamily, flag, real, smallEnough, telling, whole } from './family.js';
import { BARRIER, type PolicyStep, type PolicyView, REREAD, onlyWhen, publish } from './policy.js';
import { ARM } from './sq-exact.js';

const TIMER: Parameter = whole('timer-us', 'longest sleep before the device looks for what never rang; 0: it has no timer', 50, [0, 1_000_000], [20, 50, 200, 1000]);

/** At most N - 1 ahead: one lap further is where it stood. */
function ahead(view: Readonly<PolicyView>, entries: number): number {
  return advance(view.position, Math.min(entries, view.depth - 1), view.depth);
}

function timer(us: number): readonly PolicyStep[] {
  return us === 0 ? [] : [{ step: 'timer', afterNs: us * 1000 }];
}

function share(view: Readonly<PolicyView>, f: number): number {
  return Math.floor(view.depth * f);
}

export const lookAhead: SqFamily = {
  name: 'look-ahead',
  id: 'P10',
  side: 'sq',
  formula: 'after each command: e := h + k; barrier; t := s; when empty: sleep with a timer',
  provenance: 'virtio enable_cb_delayed, made general',
  risk: 'up to k commands wait for the timer; without one they wait for ever; drivers that ring at e = new value do so one entry early and again',
  parameters: [telling(smallEnough(whole('k', 'commands that may come without a ring', 4, [1, 65_534], [1, 2, 4, 8, 16]), 2)), TIMER],
  program: ({ k, 'timer-us': us }) => ({
    onStart: [REREAD],
    onCommand: [publish((view) => ahead(view, k!)), BARRIER, REREAD],
    onEmpty: timer(us!),
  }),
};

export const depthFraction: SqFamily = {
  name: 'depth-fraction',
  id: 'P11',
  side: 'sq',
  formula: 'after each command: e := h + f N; barrier; t := s; when empty: sleep with a timer',
  provenance: 'nvme-mdev with f = 1/2, which polls: there it is a net under a full queue, not a delay',
  risk: 'as look-ahead; towards f = 1 only a full queue rings',
  parameters: [real('f', 'share of the queue\'s entries', 0.5, [0, 0.999], [0.125, 0.25, 0.5, 0.75]), TIMER],
  program: ({ f, 'timer-us': us }) => ({
    onStart: [REREAD],
    onCommand: [publish((view) => ahead(view, share(view, f!))), BARRIER, REREAD],
    onEmpty: timer(us!),
  }),
};

export const outstandingFraction: SqFamily = {
  name: 'outstanding-fraction',
  id: 'P12',
  side: 'sq',
  formula: 'when empty: e := h + floor(f * in flight); barrier; t := s; sleep with a timer if e is ahead',
  provenance: 'virtio enable_cb_delayed (f = 3/4), taken over to the submission queue',
  risk: 'scales itself down to an exact policy at queue depth 1; commands below the mark wait for the timer',
  parameters: [real('f', 'share of the commands in flight', 0.75, [0, 1], [0.25, 0.5, 0.75]), TIMER],
  program: ({ f, 'timer-us': us }) => ({
    onStart: [REREAD],
    onCommand: [],
    onEmpty: [
      publish((view) => ahead(view, Math.floor(f! * view.inFlight))),
      BARRIER,
      REREAD,
      ...onlyWhen((view) => view.published !== view.position, timer(us!)),
    ],
  }),
};

/** Time register 0: when the last command was fetched. Register 0: whether that is T ago. */
export const halfThenArm: SqFamily = {
  name: 'half-then-arm',
  id: 'P13',
  side: 'sq',
  formula: 'after each command: e := h + N/2; when empty: poll until T after the last command, then e := t; barrier; t := s; sleep only if still empty',
  provenance: 'nvme-mdev, T = 500 ms',
  risk: 'a long T burns a core, a short one rings more often',
  parameters: [whole('t-us', 'time that it polls after the last command', 500_000, [1, 10_000_000], [50, 500, 5_000, 500_000]), whole('poll-us', 'time between two looks', 1, [1, 100_000])],
  program: ({ 't-us': us, 'poll-us': everyUs }) => ({
    onStart: [REREAD],
    onCommand: [{ step: 'time', register: 0, value: (view) => view.nowNs }, publish((view) => ahead(view, share(view, 0.5))), REREAD],
    onEmpty: [
      { step: 'measure', register: 0, holds: (view) => view.nowNs - view.times[0]! >= us! * 1000 },
      ...onlyWhen((view) => view.state[0] === 1, ARM),
      { step: 'poll', everyNs: everyUs! * 1000, forNs: us! * 1000, when: (view) => view.state[0] === 0 },
    ],
  }),
};

/** Register 0 counts the advances that are left to completions. */
export const depthGated: SqFamily = {
  name: 'depth-gated',
  id: 'P14',
  side: 'sq',
  formula: 'e := e + 1 for each command: at its fetch if at most g are in flight, else at its completion',
  provenance: 'OpenVMM from October 2024 to August 2025, g = 1, without a look after the write',
  risk: 'e lags while completions stall; without the look after the write a command in between is lost',
  parameters: [smallEnough(whole('g', 'commands in flight up to which e advances at once', 1, [0, 65_535], [1, 2, 8]), 1), flag('reread', 'look again behind a barrier after each advance, and begin a pass after a completion\'s', 0)],
  program: ({ g, reread }) => {
    const ADVANCE = publish((view) => advance(view.published, 1, view.depth));
    const again: readonly PolicyStep[] = reread === 1 ? [BARRIER, REREAD] : [];
    const deferred = (view: Readonly<PolicyView>): boolean => view.state[0]! > 0;
    return {
      onStart: [REREAD],
      onCommand: [
        { step: 'set', register: 0, value: (view) => view.state[0]! + 1, when: (view) => view.inFlight > g! },
        ...onlyWhen((view) => view.inFlight <= g!, [ADVANCE, ...again]),
      ],
      onEmpty: [],
      onComplete: onlyWhen(deferred, [
        ADVANCE,
        ...(reread === 1 ? [BARRIER, { step: 'look' } as const] : []),
        { step: 'set', register: 0, value: (view) => view.state[0]! - 1 },
      ]),
    };
  },
};

export const inFlightCap: SqFamily = {
  name: 'in-flight-cap',
  id: 'P15',
  side: 'sq',
  formula: 'no look and no write while C commands or more are in flight; else as arm-when-empty; a completion begins a pass',
  provenance: 'OpenVMM, C = 8',
  risk: 'commands beyond C wait for completions',
  parameters: [smallEnough(whole('c', 'commands in flight from which on it looks no more', 8, [1, 65_535], [4, 8, 16, 32]), 2)],
  program: ({ c }) => {
    const capped = (view: Readonly<PolicyView>): boolean => view.inFlight >= c!;
    return {
      onStart: [{ step: 'stop', when: capped }, REREAD],
      onCommand: [{ step: 'stop', when: capped }],
      onEmpty: ARM,
      onComplete: [{ step: 'look' }],
    };
  },
};

export const occupancySwitch: SqFamily = {
  name: 'occupancy-switch',
  id: 'P19',
  side: 'sq',
  formula: 'after each command: e := h + f N while at least b commands are seen and not fetched, else e := h; barrier; t := s',
  provenance: 'depth-gated turned to what waits in the queue',
  risk: 'bursty drivers switch it often; the last command of a pass always finds it exact',
  parameters: [smallEnough(whole('b', 'waiting commands from which on it looks ahead', 4, [1, 65_535], [1, 4, 16]), 1), real('f', 'share of the queue\'s entries', 0.5, [0, 0.999], [0.25, 0.5, 0.75])],
  program: ({ b, f }) => ({
    onStart: [REREAD],
    onCommand: [publish((view) => (distance(view.position, view.seen, view.depth) >= b! ? ahead(view, share(view, f!)) : view.position)), BARRIER, REREAD],
    onEmpty: [],
  }),
};
