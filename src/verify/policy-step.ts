// One step of a policy's program, under a memory model; the same objects that the replay runs.

import { unreachable } from '../base/assert.js';
import type { PolicyStep, PolicyView } from '../model/policy/policy.js';
import type { Action } from './explore.js';
import { type Memory, type MemoryModel, fullBarrier, load, store } from './memory.js';

/** A policy asks for what the exploration has no notion of. */
export class UnverifiableError extends Error {
  override readonly name = 'UnverifiableError';
}

/** What the device knows of the queue side. */
export interface Known {
  readonly position: number;
  readonly seen: number;
  readonly published: number;
  /** The steps since the queue was found empty asked to stay awake, or to be woken later. */
  readonly polls: boolean;
  readonly timed: boolean;
}

export const UNKNOWING: Known = { position: 0, seen: 0, published: 0, polls: false, timed: false };

export interface Ran {
  readonly known: Known;
  readonly memory: Memory;
  readonly action: Omit<Action, 'thread'>;
}

/** A program's steps as they are explored: barriers can be taken out. */
export function stepsOf(program: readonly PolicyStep[], barriers: boolean): readonly PolicyStep[] {
  return barriers ? program : program.filter(({ step }) => step !== 'barrier');
}

/** Whether a load of the shadow doorbell may be satisfied early here: one that a barrier would discard needn't be explored. */
export function loadsEarly(program: readonly PolicyStep[], at: number): boolean {
  for (let i = at; i < program.length; i++) {
    const { step } = program[i]!;
    if (step === 'reread' || step === 'barrier') return step === 'reread';
  }
  return true;
}

/** Runs one step of the device. Throws UnverifiableError when it reads what isn't modelled or publishes what is no 32-bit word. */
export function runStep(step: PolicyStep, model: MemoryModel, depth: number, known: Known, memory: Memory): Ran {
  switch (step.step) {
    case 'publish': {
      const index = step.index(viewOf(known, depth));
      if (index === undefined) return { known, memory, action: { action: 'keep-eventidx', text: 'leaves EventIdx as it is' } };
      if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff) throw new UnverifiableError(`it publishes ${index}, which is no 32-bit word`);
      return {
        known: { ...known, published: index },
        memory: store(model, memory, 'device', 'EventIdx', index),
        action: { action: 'publish', value: index, text: `stores EventIdx = ${index}` },
      };
    }
    case 'barrier':
      return { known, memory: fullBarrier(memory, 'device'), action: { action: 'full-barrier', text: 'full barrier: its stores are visible' } };
    case 'reread': {
      const { value, memory: loaded } = load(memory, 'device', 'shadow');
      return { known: { ...known, seen: value }, memory: loaded, action: { action: 'reread', value, text: `loads shadow: ${value}` } };
    }
    case 'poll':
      return { known: { ...known, polls: true }, memory, action: { action: 'poll', text: 'will look again' } };
    case 'timer':
      return { known: { ...known, timed: true }, memory, action: { action: 'timer', text: 'sets a timer' } };
    default:
      return unreachable(step);
  }
}

function viewOf({ position, seen, published }: Known, depth: number): PolicyView {
  return {
    depth,
    position,
    seen,
    published,
    get inFlight(): number {
      throw new UnverifiableError('it reads inFlight, and commands in the backend are not part of the exploration');
    },
  };
}

export function knownKey({ position, seen, published, polls, timed }: Known): string {
  return `${position},${seen},${published},${polls ? 1 : 0}${timed ? 1 : 0}`;
}
