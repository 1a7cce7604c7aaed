// The memory models against the litmus tests that tell them apart: all outcomes of two short threads.

import { describe, expect, test } from 'vitest';
import { MEMORY_MODELS, type Memory, type MemoryModel, type Word, background, fullBarrier, initialMemory, load, readBarrier, store, writeBarrier } from '../../src/verify/memory.js';
import type { ThreadName } from '../../src/verify/explore.js';

type Op = { readonly store: Word } | { readonly load: Word } | 'full' | 'read' | 'write';
const st = (word: Word): Op => ({ store: word });
const ld = (word: Word): Op => ({ load: word });

/** What the threads' loads may return, stores being of 1, words starting with 0: driver's values | device's values. */
function outcomes(model: MemoryModel, driver: readonly Op[], device: readonly Op[]): string[] {
  const programs = { driver, device };
  const ends = new Set<string>();
  const seen = new Set<string>();
  const visit = (memory: Memory, at: Record<ThreadName, number>, read: Record<ThreadName, string>): void => {
    const key = JSON.stringify([memory, at, read]);
    if (seen.has(key)) return;
    seen.add(key);
    if (at.driver === driver.length && at.device === device.length) ends.add(`${read.driver}|${read.device}`);
    for (const thread of ['driver', 'device'] as const) {
      for (const { memory: next } of background(model, memory, thread, ['shadow', 'EventIdx', 'posted'])) visit(next, at, read);
      const op = programs[thread][at[thread]];
      if (op === undefined) continue;
      const after = { ...at, [thread]: at[thread] + 1 };
      if (op === 'full') visit(fullBarrier(memory, thread), after, read);
      else if (op === 'read') visit(readBarrier(memory, thread), after, read);
      else if (op === 'write') visit(writeBarrier(memory, thread), after, read);
      else if ('store' in op) visit(store(model, memory, thread, op.store, 1), after, read);
      else {
        const { value, memory: next } = load(memory, thread, op.load);
        visit(next, after, { ...read, [thread]: `${read[thread]}${value}` });
      }
    }
  };
  visit(initialMemory(0, 0), { driver: 0, device: 0 }, { driver: '', device: '' });
  return [...ends].toSorted();
}

const allowing = (outcome: string, driver: readonly Op[], device: readonly Op[]): MemoryModel[] =>
  MEMORY_MODELS.filter((model) => outcomes(model, driver, device).includes(outcome));

describe('litmus', () => {
  const announce = (barrier: readonly Op[]): Op[] => [st('shadow'), ...barrier, ld('EventIdx')];
  const publish = (barrier: readonly Op[]): Op[] => [st('EventIdx'), ...barrier, ld('shadow')];

  test('store buffering: both loads old unless both sides have a full barrier', () => {
    expect(allowing('0|0', announce([]), publish([]))).toEqual(['tso', 'arm']);
    expect(allowing('0|0', announce(['full']), publish([]))).toEqual(['tso', 'arm']);
    expect(allowing('0|0', announce([]), publish(['full']))).toEqual(['tso', 'arm']);
    expect(allowing('0|0', announce(['read']), publish(['full']))).toEqual(['tso', 'arm']);
    expect(allowing('0|0', announce(['full']), publish(['full']))).toEqual([]);
  });

  test('a write barrier drains stores, but an early load may be older than it', () => {
    expect(allowing('0|0', announce(['write']), publish(['full']))).toEqual(['arm']);
  });

  test('message passing: new flag and old data only on arm, and not between barriers', () => {
    expect(allowing('10|', [ld('posted'), ld('EventIdx')], [st('EventIdx'), st('posted')])).toEqual(['arm']);
    expect(allowing('10|', [ld('posted'), ld('EventIdx')], [st('EventIdx'), 'full', st('posted')])).toEqual(['arm']);
    expect(allowing('10|', [ld('posted'), 'read', ld('EventIdx')], [st('EventIdx'), st('posted')])).toEqual(['arm']);
    expect(allowing('10|', [ld('posted'), 'read', ld('EventIdx')], [st('EventIdx'), 'full', st('posted')])).toEqual([]);
  });

  test('coherence: a word never goes back, and a thread sees its own store', () => {
    expect(allowing('10|', [ld('shadow'), ld('shadow')], [st('shadow')])).toEqual([]);
    expect(allowing('0|', [st('shadow'), ld('shadow')], [])).toEqual([]);
    expect(allowing('01|', [ld('shadow'), ld('shadow')], [st('shadow')])).toEqual([...MEMORY_MODELS]);
  });

  test('load buffering is left out of every model', () => {
    expect(allowing('1|1', [ld('shadow'), st('EventIdx')], [ld('EventIdx'), st('shadow')])).toEqual([]);
  });
});
