// What a search for policies makes of points by few runs and by all of them.

import { describe, expect, test } from 'vitest';
import { distinct, frontierOf, withoutLikes } from '../../src/app/sweep/search.js';
import type { Point } from '../../src/app/sweep/winners.js';

const point = (policy: string, mmio: number, p99Us: number, cells = 1, change: Partial<Point> = {}): Point => ({
  trace: 't', driver: 'd', transport: 'u', policy, cq_policy: 'c', cells, mmio_per_io: mmio, p50_ns: 1, p99_ns: p99Us * 1000, poll_cpu: 0, stalled: 0, verdict: 'safe', unsafe_policy: null, ...change,
});
const names = (points: readonly Point[]): readonly string[] => points.map(({ policy }) => policy);
const SEEDS = 5;

describe('points that one run can\'t tell from one that is confirmed', () => {
  // By its first run "lucky" kept a limit of 420 us, and by all of them it doesn't; "twin" showed the same.
  const first = [point('lucky', 0.01, 380), point('twin', 0.01, 381), point('slower', 0.01, 350), point('dearer', 0.2, 300)];
  const points = [point('lucky', 0.01, 520, SEEDS), ...first.slice(1)];

  test('are left out, whatever became of it', () => {
    expect(names(withoutLikes(points, first, SEEDS))).toEqual(['lucky', 'slower', 'dearer']);
    expect(names(frontierOf(withoutLikes(points, first, SEEDS), { maxP99Us: 420 }))).toEqual(['slower', 'dearer']);
  });

  test('stay where nothing is confirmed, or they are themselves', () => {
    expect(names(withoutLikes(first, first, SEEDS))).toEqual(['lucky', 'twin', 'slower', 'dearer']);
    const both = [point('lucky', 0.01, 520, SEEDS), point('twin', 0.01, 400, SEEDS)];
    expect(names(withoutLikes(both, first, SEEDS))).toEqual(['lucky', 'twin']);
  });
});

test('of points that only chance tells apart the first is kept; what polls more or is slower is another', () => {
  const all = [point('a', 0.1, 100), point('b', 0.101, 99), point('c', 0.1, 110), point('d', 0.1, 100, 1, { poll_cpu: 0.1 }), point('e', 0.15, 100)];
  const kept = distinct(all, all);
  expect(names(kept)).toEqual(['a', 'c', 'd', 'e']);
  expect(kept.map(({ alike }) => alike)).toEqual([2, 1, 1, 1]);
  // What is unsafe or stood still is like nothing that may be recommended.
  const flawed = [...all, point('f', 0.1, 100, 1, { verdict: 'lost-wakeup' }), point('g', 0.1, 100, 1, { stalled: 1 })];
  expect(distinct(all, flawed).map(({ alike }) => alike)).toEqual([2, 1, 1, 1]);
});
