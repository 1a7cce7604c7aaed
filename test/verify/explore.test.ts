// The search itself, on systems of a few states.

import { describe, expect, test } from 'vitest';
import { type Step, type System, explore } from '../../src/verify/explore.js';

const to = (next: number, isNewWork = false): Step<number> => ({ thread: 'device', action: 'go', value: next, text: `to ${next}`, next, isNewWork });

/** Numbers as states; `edges` says where each leads. */
function graph(edges: Readonly<Record<number, readonly Step<number>[]>>, bad: readonly number[], done: readonly number[], initial: readonly number[] = [0]): System<number> {
  return {
    initial: initial.map((state) => ({ state, text: `at ${state}` })),
    key: String,
    steps: (state) => edges[state] ?? [],
    violation: (state) => (bad.includes(state) ? { verdict: 'bad', text: `state ${state}` } : undefined),
    isDone: (state) => done.includes(state),
  };
}

describe('explore', () => {
  test('a violation is found by the shortest way', () => {
    const edges = { 0: [to(1), to(4)], 1: [to(2)], 2: [to(3)], 4: [to(3), to(2)] };
    const found = explore(graph(edges, [3], []), 100);
    expect(found).toMatchObject({ verdict: 'bad', reason: 'state 3', start: 'at 0' });
    expect(found.path.map(({ text }) => text)).toEqual(['to 4', 'to 3']);
  });

  test('every initial state counts, and the path says where it began', () => {
    const found = explore(graph({ 0: [to(1)], 7: [to(3)] }, [3], [1], [0, 7, 0]), 100);
    expect(found).toMatchObject({ verdict: 'bad', start: 'at 7', states: 4 });
    expect(found.path).toHaveLength(1);
  });

  test('no violation and a way to the end from everywhere: safe, with the number of states', () => {
    expect(explore(graph({ 0: [to(1), to(2)], 1: [to(0)], 2: [to(3)] }, [], [3]), 100)).toMatchObject({ verdict: 'safe', states: 4, path: [] });
  });

  test('a circle without a way out is a livelock', () => {
    const found = explore(graph({ 0: [to(1), to(9)], 1: [to(2)], 2: [to(1)] }, [], [9]), 100);
    expect(found.verdict).toBe('livelock');
    expect(found.path.map(({ text }) => text)).toEqual(['to 1']);
  });

  test('where nobody can move, work left is a deadlock, told as such under the same verdict', () => {
    const found = explore(graph({ 0: [to(1), to(9)], 1: [] }, [], [9]), 100);
    expect(found).toMatchObject({ verdict: 'livelock', reason: expect.stringMatching(/^deadlock: nobody can move/) });
    const circle = explore(graph({ 0: [to(1), to(9)], 1: [to(2)], 2: [to(1)] }, [], [9]), 100);
    expect(circle.reason).not.toContain('deadlock');
    // Work that nobody is obliged to begin is no step out.
    expect(explore(graph({ 0: [to(1, true)], 1: [to(2, true)], 2: [] }, [], [0, 2]), 100).reason).toMatch(/^deadlock/);
  });

  test('new work is no way out: nobody is obliged to start it', () => {
    const edges = { 0: [to(1, true)], 1: [to(1), to(2, true)] };
    expect(explore(graph(edges, [], [0, 2]), 100)).toMatchObject({ verdict: 'livelock' });
    expect(explore(graph({ ...edges, 1: [to(2)] }, [], [0, 2]), 100)).toMatchObject({ verdict: 'safe' });
  });

  test('the bound on states gives unknown, never safe; one state more suffices', () => {
    const chain = graph(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [i, [to(i + 1)]])), [], [9]);
    expect(explore(chain, 9)).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('bound of 9 states') });
    expect(explore(chain, 10)).toMatchObject({ verdict: 'safe', states: 10 });
  });
});
