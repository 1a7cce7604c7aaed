// Where to look next: policies with parameters near those that did well. Depends on its arguments and the generator alone.

import type { Rng } from '../../base/rng.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../../model/policy/catalogue.js';
import { type Family, type Parameter, type Values, instance } from '../../model/policy/family.js';
import { type Constraints, type Point, better, isSound, keeps } from './winners.js';

/** A policy for each side, as choices from the catalogue. */
export interface Candidate {
  readonly sq: Choice;
  readonly cq: Choice;
}

interface Choice {
  readonly family: number;
  readonly values: Values;
}

const ARM_WHEN_EMPTY = SQ_FAMILIES.findIndex(({ id }) => id === 'P8');

/** The specs of a candidate. */
export function specsOf({ sq, cq }: Candidate): { readonly policy: string; readonly cqPolicy: string } {
  return { policy: instance(SQ_FAMILIES[sq.family]!, sq.values).name, cqPolicy: instance(CQ_FAMILIES[cq.family]!, cq.values).name };
}

/** Every policy once, with its defaults: SQ policies with the CQ policy of that number, CQ policies with arm-when-empty. */
export function firstCandidates(cqId: string): readonly Candidate[] {
  const own = Math.max(CQ_FAMILIES.findIndex(({ id }) => id === cqId), 0);
  const plain = (family: number): Choice => ({ family, values: {} });
  return [...SQ_FAMILIES.map((_, i) => ({ sq: plain(i), cq: plain(own) })), ...CQ_FAMILIES.map((_, i) => ({ sq: plain(ARM_WHEN_EMPTY), cq: plain(i) }))];
}

/** A neighbour of one of the parents: another parameter, another policy on one side, or the other side of another parent. */
export function neighbour(parents: readonly Candidate[], rng: Rng): Candidate {
  const parent = parents[rng.below(parents.length)]!;
  switch (rng.below(4)) {
    case 0:
      return { ...parent, cq: parents[rng.below(parents.length)]!.cq };
    case 1:
      return rng.below(2) === 0 ? { ...parent, cq: anyChoice(CQ_FAMILIES, rng) } : { ...parent, sq: anyChoice(SQ_FAMILIES, rng) };
    case 2:
      return { ...parent, cq: nudged(CQ_FAMILIES, parent.cq, rng) };
    default:
      return { ...parent, sq: nudged(SQ_FAMILIES, parent.sq, rng) };
  }
}

/** Any policy, its parameters among those worth trying. */
function anyChoice(families: readonly Family[], rng: Rng): Choice {
  const family = rng.below(families.length);
  const values = families[family]!.parameters.map(({ name, tries, default: value }): [string, number] => [name, tries.length === 0 ? value : tries[rng.below(tries.length)]!]);
  return { family, values: Object.fromEntries(values) };
}

/** One parameter changed by a factor of up to 4. */
function nudged(families: readonly Family[], { family, values }: Choice, rng: Rng): Choice {
  const { parameters } = families[family]!;
  if (parameters.length === 0) return anyChoice(families, rng);
  const parameter = parameters[rng.below(parameters.length)]!;
  return { family, values: { ...values, [parameter.name]: near(parameter, values[parameter.name] ?? parameter.default, rng) } };
}

function near({ min, max, whole }: Parameter, value: number, rng: Rng): number {
  const scaled = (value === 0 ? 1 : value) * 4 ** (2 * rng.unit() - 1);
  // Two digits are as fine as the measurements are.
  const rounded = whole ? Math.round(Number(scaled.toPrecision(2))) : Number(scaled.toPrecision(2));
  return Math.min(Math.max(rounded, min), max);
}

/** Differences below this share of a value are chance. */
const TOLERANCE = 0.02;

function costs({ mmio_per_io: mmio, p99_ns: p99, poll_cpu: poll }: Point): readonly number[] {
  // A share of the time, beside numbers that are compared by their ratio.
  return [mmio, p99 ?? Infinity, 1 + poll];
}

/** Nowhere worse than by chance, and somewhere better. */
function dominates(a: Point, b: Point): boolean {
  const theirs = costs(b);
  const ours = costs(a);
  return ours.every((cost, i) => cost <= theirs[i]! * (1 + TOLERANCE)) && ours.some((cost, i) => cost * (1 + TOLERANCE) < theirs[i]!);
}

/** What is sound, keeps the limits, and is dominated by nothing: by register writes, latency and polling. Fewest register writes first. */
export function frontierOf(points: readonly Point[], constraints: Constraints): readonly Point[] {
  const kept: Point[] = [];
  for (const point of points.filter((each) => isSound(each) && keeps(each, constraints)).toSorted(better)) {
    if (!kept.some((other) => dominates(other, point))) kept.push(point);
  }
  return kept;
}

/** Whether no cost tells them apart but by chance. */
function isAlike(a: Point, b: Point): boolean {
  const theirs = costs(b);
  return costs(a).every((cost, i) => Math.max(cost, theirs[i]!) <= Math.min(cost, theirs[i]!) * (1 + TOLERANCE));
}

/**
 * The points without those that are yet to be confirmed and of which the first seed shows what it showed of one that is. The first seed
 * takes a recording at its word and later ones draw what it can't tell: where one was let down, its likes will be, and where it was borne
 * out, they are nothing new.
 * @param first all points by the first seed alone
 * @param seeds cells of a point that is confirmed
 */
export function withoutLikes(points: readonly Point[], first: readonly Point[], seeds: number): readonly Point[] {
  const byFirst = new Map(first.map((point) => [nameOf(point), point]));
  const confirmed = points.filter(({ cells }) => cells >= seeds).map((point) => byFirst.get(nameOf(point))!);
  return points.filter((point) => point.cells >= seeds || !confirmed.some((other) => isAlike(byFirst.get(nameOf(point))!, other)));
}

/** A point that stands for all those that only chance tells apart from it. */
export interface Representative extends Point {
  /** Combinations that were tried and come to the same, itself included. */
  readonly alike: number;
}

/**
 * The first of those that only chance tells apart, with how many come to the same.
 * @param first all points that were tried, by the first seed alone; they are compared by it
 */
export function distinct(points: readonly Point[], first: readonly Point[]): readonly Representative[] {
  const kept: Point[] = [];
  for (const point of points) if (!kept.some((other) => isAlike(other, point))) kept.push(point);
  const sound = first.filter(isSound);
  const byName = new Map(first.map((point) => [nameOf(point), point]));
  return kept.map((point) => ({ ...point, alike: sound.filter((other) => isAlike(byName.get(nameOf(point))!, other)).length }));
}

function nameOf({ policy, cq_policy: cqPolicy }: Point): string {
  return `${policy}+${cqPolicy}`;
}
