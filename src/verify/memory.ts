// Shared words under a memory model. Immutable: every operation returns a new memory.
//
//   sc    a store is visible at once
//   tso   x86-TSO: each thread's stores wait in a FIFO and become visible one by one at any later time;
//         a load takes the newest of its own waiting stores to the word, else what is visible; a full barrier empties the FIFO
//   arm   as tso, but stores to different words become visible in any order, and a load may be satisfied at any time since its
//         thread's last load of the word, own store to it, or barrier. A store is never visible before an earlier load is satisfied.
//
// docs/verify.md says how these relate to the architectures.

import type { ThreadName } from './explore.js';

export const MEMORY_MODELS = ['sc', 'tso', 'arm'] as const;
export type MemoryModel = (typeof MEMORY_MODELS)[number];

/** The shared words. A completion queue's entries are one word: how many the device has posted. */
export const WORDS = ['shadow', 'EventIdx', 'posted'] as const;
export type Word = (typeof WORDS)[number];

interface Waiting {
  readonly word: Word;
  readonly value: number;
}

/** What one thread has in flight. */
interface View {
  /** Stores that only it can see yet, oldest first. */
  readonly waiting: readonly Waiting[];
  /** Loads that were satisfied early. */
  readonly early: Readonly<Partial<Record<Word, number>>>;
}

export interface Memory {
  readonly visible: Readonly<Record<Word, number>>;
  readonly driver: View;
  readonly device: View;
}

const NOTHING: View = { waiting: [], early: {} };

export function initialMemory(shadow: number, eventIdx: number): Memory {
  return { visible: { shadow, EventIdx: eventIdx, posted: 0 }, driver: NOTHING, device: NOTHING };
}

/**
 * `thread` stores a value. Each word has one writer, so that a store of the value which the word has for it already changes nothing
 * for anyone, whenever it becomes visible: it is left out, and a device that polls has finitely many states.
 */
export function store(model: MemoryModel, memory: Memory, thread: ThreadName, word: Word, value: number): Memory {
  const newest = memory[thread].waiting.findLast((entry) => entry.word === word)?.value ?? memory.visible[word];
  if (newest === value) return memory;
  if (model === 'sc') return { ...memory, visible: { ...memory.visible, [word]: value } };
  const { waiting, early } = memory[thread];
  const { [word]: _, ...rest } = early;
  return { ...memory, [thread]: { waiting: [...waiting, { word, value }], early: rest } };
}

/** `thread` loads a word: from its own stores, from an early load, or from what is visible. */
export function load(memory: Memory, thread: ThreadName, word: Word): { readonly value: number; readonly memory: Memory } {
  const { waiting, early } = memory[thread];
  const own = waiting.findLast((entry) => entry.word === word);
  if (own !== undefined) return { value: own.value, memory };
  const { [word]: satisfied, ...rest } = early;
  if (satisfied === undefined) return { value: memory.visible[word], memory };
  return { value: satisfied, memory: { ...memory, [thread]: { waiting, early: rest } } };
}

/** Full barrier: the thread's stores are visible, and its later loads happen later. */
export function fullBarrier(memory: Memory, thread: ThreadName): Memory {
  const visible = { ...memory.visible };
  for (const { word, value } of memory[thread].waiting) visible[word] = value;
  return { ...memory, visible, [thread]: NOTHING };
}

/** Read barrier: later loads happen later; stores may still wait. */
export function readBarrier(memory: Memory, thread: ThreadName): Memory {
  return { ...memory, [thread]: { waiting: memory[thread].waiting, early: {} } };
}

/** The thread's stores become visible before what follows; loads may have been satisfied early. A register write does this. */
export function writeBarrier(memory: Memory, thread: ThreadName): Memory {
  return { ...fullBarrier(memory, thread), [thread]: { waiting: [], early: memory[thread].early } };
}

/** No store waits. */
export function isVisible({ driver, device }: Memory): boolean {
  return driver.waiting.length === 0 && device.waiting.length === 0;
}

export interface Background {
  readonly action: 'visible' | 'early-load';
  readonly word: Word;
  readonly value: number;
  readonly memory: Memory;
}

/** What the memory may do for a thread at any time. `loads` are the words of the other thread that it loads. */
export function background(model: MemoryModel, memory: Memory, thread: ThreadName, loads: readonly Word[]): Background[] {
  const { waiting, early } = memory[thread];
  const next = model === 'arm' ? waiting.filter((entry, i) => waiting.findIndex(({ word }) => word === entry.word) === i) : waiting.slice(0, 1);
  const possible = next.map((entry): Background => {
    const left = waiting.filter((other) => other !== entry);
    const visible = { ...memory.visible, [entry.word]: entry.value };
    return { action: 'visible', ...entry, memory: { ...memory, visible, [thread]: { waiting: left, early } } };
  });
  if (model !== 'arm') return possible;
  const open = loads.filter((word) => early[word] === undefined && !waiting.some((entry) => entry.word === word));
  return [
    ...possible,
    ...open.map((word): Background => {
      const value = memory.visible[word];
      return { action: 'early-load', word, value, memory: { ...memory, [thread]: { waiting, early: { ...early, [word]: value } } } };
    }),
  ];
}

/** Part of a state's key. */
export function memoryKey({ visible, driver, device }: Memory): string {
  return `${visible.shadow},${visible.EventIdx},${visible.posted};${viewKey(driver)};${viewKey(device)}`;
}

function viewKey({ waiting, early }: View): string {
  return `${waiting.map(({ word, value }) => `${word[0]}${value}`).join('')}/${WORDS.map((word) => early[word] ?? '').join(',')}`;
}
