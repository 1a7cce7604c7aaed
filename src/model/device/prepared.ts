// A policy's steps as a device runs them. Policies write each kind of step with the fields that it needs; the device runs some
// a million times a second, and takes them all in one shape, with a number for the kind.

import { unreachable } from '../../base/assert.js';
import type { CqProgram, Duration, PolicyStep, PolicyView, SqProgram } from '../policy/policy.js';

/** Kinds of steps. A barrier is none of them: a replay's device sees memory as it is. */
export const STEP = { publish: 0, reread: 1, poll: 2, timer: 3, set: 4, measure: 5, time: 6, stop: 7, look: 8 } as const;

export interface PreparedStep {
  readonly kind: number;
  /** Undefined: always. */
  readonly when: ((view: PolicyView) => boolean) | undefined;
  /** The EventIdx to publish, or undefined for none; a register's value, which for `measure` is 0 or 1. */
  readonly value: (view: PolicyView) => number | undefined;
  readonly register: number;
  /** The period of a poll and how long it lasts at most; a timer's time. In ns. */
  readonly durationNs: Duration;
  readonly longestNs: Duration;
}

export type Steps = readonly PreparedStep[];

/** The programs that a device runs; a point without steps has an empty list. */
export interface PreparedPrograms {
  readonly sq: Readonly<Record<keyof SqProgram, Steps>>;
  readonly cq: Readonly<Record<keyof CqProgram, Steps>>;
}

const NO_VALUE = (): undefined => undefined;

/** The same steps, in their order. */
export function prepared(steps: readonly PolicyStep[] = []): Steps {
  return steps.flatMap((step) => {
    const part = partOf(step);
    if (part === undefined) return [];
    const { kind, value = NO_VALUE, register = 0, durationNs = Infinity, longestNs = Infinity } = part;
    return [{ kind, when: step.when, value, register, durationNs, longestNs }];
  });
}

/** What a kind of step needs; undefined for one that a replay has nothing to do for. */
function partOf(step: PolicyStep): (Partial<PreparedStep> & Pick<PreparedStep, 'kind'>) | undefined {
  switch (step.step) {
    case 'barrier':
      return undefined;
    case 'publish':
      return { kind: STEP.publish, value: step.index };
    case 'poll':
      return { kind: STEP.poll, durationNs: step.everyNs, longestNs: step.forNs ?? Infinity };
    case 'timer':
      return { kind: STEP.timer, durationNs: step.afterNs };
    case 'set':
      return { kind: STEP.set, register: step.register, value: step.value };
    case 'measure':
      return { kind: STEP.measure, register: step.register, value: (view) => (step.holds(view) ? 1 : 0) };
    case 'time':
      return { kind: STEP.time, register: step.register, value: step.value };
    case 'reread':
    case 'stop':
    case 'look':
      return { kind: STEP[step.step] };
    default:
      return unreachable(step);
  }
}
