// Labels beside marks, so that none lies on a mark or on another label. Depends on its arguments alone.

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
}

export interface Wanted {
  /** The mark that the label belongs to. */
  readonly mark: Mark;
  readonly widthPx: number;
}

/** Where a label's middle is; `isFar`: not right beside its mark, so that a line should lead there. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly isFar: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const GAP_PX = 2;
const STEP_PX = 6;
/** Marks within this distance make a place crowded. */
const CROWD_PX = 30;
/** Right first: that is where a reader looks for a label. */
const DIRECTIONS = [0, -4, 4, 8, -2, 2, -6, 6, -1, 1, -3, 3, -5, 5, -7, 7].map((eighth) => (eighth * Math.PI) / 8);

export interface Plot {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Height of a label. */
  readonly labelPx: number;
  /** Lines that labels keep off, horizontal or vertical each. */
  readonly lines: readonly { readonly x: number; readonly y: number; readonly x2: number; readonly y2: number }[];
}

/**
 * A place for each label inside the plot, near to its mark; null where no place within reach is free. Labels lie on no mark, no line and
 * no other label, and where that can be, no label lies on the line from another to its mark. Several orders are tried: who comes first gets the nearest place.
 */
export function placeLabels(wanted: readonly Wanted[], marks: readonly Mark[], plot: Plot): readonly (Place | null)[] {
  const given = wanted.map((_, i) => i);
  const crowd = wanted.map(({ mark }) => marks.filter(({ x, y }) => Math.hypot(x - mark.x, y - mark.y) < CROWD_PX).length);
  const orders = [given, given.toReversed(), given.toSorted((a, b) => crowd[a]! - crowd[b]!), given.toSorted((a, b) => crowd[b]! - crowd[a]!), given.toSorted((a, b) => wanted[a]!.mark.y - wanted[b]!.mark.y), given.toSorted((a, b) => wanted[b]!.mark.y - wanted[a]!.mark.y)];
  const tries = orders.map((order) => inOrder(order, wanted, marks, plot));
  return tries.reduce((best, other) => (other.cost < best.cost ? other : best)).places;
}

function inOrder(order: readonly number[], wanted: readonly Wanted[], marks: readonly Mark[], plot: Plot): { readonly places: readonly (Place | null)[]; readonly cost: number } {
  const labels: Box[] = [];
  const leaders: Box[] = [];
  const fixed: readonly Box[] = [
    ...marks.map(({ x, y, radiusPx: r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r })),
    ...plot.lines.map(({ x, y, x2, y2 }) => ({ left: Math.min(x, x2) - 1, right: Math.max(x, x2) + 1, top: Math.min(y, y2) - 1, bottom: Math.max(y, y2) + 1 })),
  ];
  const rings = Math.ceil(Math.max(plot.widthPx, plot.heightPx) / 2 / STEP_PX);
  const places: (Place | null)[] = wanted.map(() => null);
  let cost = 0;
  for (const i of order) {
    // Where there is no other way, lines cross.
    const found = nearest(wanted[i]!, rings, plot, [...fixed, ...labels, ...leaders], labels) ?? nearest(wanted[i]!, rings, plot, [...fixed, ...labels], []);
    // Far labels are worse than in proportion, a missing one is the worst.
    cost += (found?.ring ?? 2 * rings) ** 2;
    if (found === null) continue;
    places[i] = found.place;
    labels.push(found.box);
    leaders.push(...found.leader);
  }
  return { places, cost };
}

function nearest({ mark, widthPx }: Wanted, rings: number, { labelPx, ...plot }: Plot, taken: readonly Box[], labels: readonly Box[]): { readonly place: Place; readonly box: Box; readonly leader: readonly Box[]; readonly ring: number } | null {
  for (let ring = 0; ring < rings; ring++) {
    const away = mark.radiusPx + GAP_PX + ring * STEP_PX;
    for (const direction of DIRECTIONS) {
      // The nearest edge of the label, not its middle, is that far away.
      const x = mark.x + Math.cos(direction) * (away + widthPx / 2);
      const y = mark.y + Math.sin(direction) * (away + labelPx / 2);
      const box = { left: x - widthPx / 2 - 1, right: x + widthPx / 2 + 1, top: y - labelPx / 2, bottom: y + labelPx / 2 };
      if (box.left < 0 || box.top < 0 || box.right > plot.widthPx || box.bottom > plot.heightPx || taken.some((other) => overlap(box, other))) continue;
      const isFar = ring > 1;
      const leader = isFar ? dotted(mark, { x, y }) : [];
      if (leader.some((dot) => labels.some((label) => overlap(dot, label)))) continue;
      return { place: { x, y, isFar }, box, leader, ring };
    }
  }
  return null;
}

/** A slanted line as small boxes. */
function dotted(from: { readonly x: number; readonly y: number }, to: { readonly x: number; readonly y: number }): readonly Box[] {
  const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 3);
  return Array.from({ length: count + 1 }, (_, i) => {
    const [x, y] = [from.x + ((to.x - from.x) * i) / count, from.y + ((to.y - from.y) * i) / count];
    return { left: x - 1, right: x + 1, top: y - 1, bottom: y + 1 };
  });
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Numbers in ascending order as text, neighbours as a range: "3, 7–9". */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}${to === from + 1 ? ', ' : '–'}${to}`)).join(', ');
}
