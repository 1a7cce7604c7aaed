// One timeline for all captures of a run: a reference, and for each other capture the fit of its clock to the reference's,
// directly or by way of a capture that is aligned already.

import type { AnchorLog, View } from './anchors.js';
import { fitClock } from './fit.js';
import type { ClockFit } from './fit.js';
import { pairAnchors } from './pairs.js';
import type { NoPairs } from './pairs.js';

/** How one capture lies on the common timeline. */
export interface Alignment {
  readonly view: View;
  readonly fit: ClockFit;
  /** Number of the capture whose clock it was fitted to; itself for the reference. */
  readonly to: number;
}

export type AlignResult =
  | { readonly reference: number; readonly alignments: readonly Alignment[] }
  /** No capture that is aligned has enough in common with this one; the reasons by the number of the other. */
  | { readonly failed: number; readonly reasons: ReadonlyMap<number, NoPairs> };

/**
 * Aligns two captures or more. `givenShiftsNs`: shifts relative to `reference` that the user gave (see ClockFit.shiftNs)
 * by the capture's number; they aren't fitted.
 */
export function alignClocks(logs: readonly AnchorLog[], reference: number, givenShiftsNs: ReadonlyMap<number, number>): AlignResult {
  const alignments: (Alignment | undefined)[] = logs.map((log, index) => {
    if (index === reference) return { view: log.view, fit: asIs('reference', 0), to: reference };
    const shiftNs = givenShiftsNs.get(index);
    return shiftNs === undefined ? undefined : { view: log.view, fit: asIs('given', shiftNs), to: reference };
  });
  // The reference is tried first, then what was aligned to it; whatever becomes aligned may help the others.
  for (let progress = true; progress; ) {
    progress = false;
    for (let index = 0; index < logs.length; index++) {
      if (alignments[index] !== undefined) continue;
      const found = alignTo(logs, alignments, index, reference);
      if (found === undefined) continue;
      alignments[index] = found;
      progress = true;
    }
  }
  const failed = alignments.indexOf(undefined);
  if (failed < 0) return { reference, alignments: alignments.filter((alignment) => alignment !== undefined) };
  const aligned = [...alignments.keys()].filter((index) => alignments[index] !== undefined);
  const reasons = new Map<number, NoPairs>();
  for (const other of aligned) {
    const pairs = pairAnchors(logs[failed]!, logs[other]!);
    if (typeof pairs === 'string') reasons.set(other, pairs);
  }
  return { failed, reasons };
}

/** The capture nearest to the device, and of those the one with most anchors, the first of equals. */
export function chooseReference(logs: readonly AnchorLog[]): number {
  let best = 0;
  for (let index = 1; index < logs.length; index++) {
    const [a, b] = [logs[index]!, logs[best]!];
    if (a.view > b.view || (a.view === b.view && a.length > b.length)) best = index;
  }
  return best;
}

function alignTo(
  logs: readonly AnchorLog[],
  alignments: readonly (Alignment | undefined)[],
  index: number,
  reference: number,
): Alignment | undefined {
  const others = [reference, ...alignments.keys()].filter((other) => alignments[other] !== undefined);
  for (const to of new Set(others)) {
    const pairs = pairAnchors(logs[index]!, logs[to]!);
    if (typeof pairs === 'string') continue;
    const { view } = logs[index]!;
    const fit = fitClock(pairs, view, logs[to]!.view);
    return { view, fit: after(fit, alignments[to]!.fit), to };
  }
  return undefined;
}

/** `fit` leads to a capture whose own way to the reference is `onward`. */
function after(fit: ClockFit, onward: ClockFit): ClockFit {
  return {
    ...fit,
    shiftNs: onward.shiftNs + (1 + onward.drift) * fit.shiftNs,
    drift: fit.drift + onward.drift,
  };
}

function asIs(method: 'reference' | 'given', shiftNs: number): ClockFit {
  return { method, shiftNs, drift: 0, matches: 0, marginNs: NaN, residualNs: NaN, sameEventNs: NaN };
}
