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
/** Right first: that is where a reader looks for a label. */
const DIRECTIONS = [0, -4, 4, 8, -2, 2, -6, 6, -1, 1, -3, 3, -5, 5, -7, 7].map((eighth) => (eighth * Math.PI) / 8);

/**
 * A place for each label inside the plot, as near to its mark as the labels before it leave free; null where no place within reach
 * is free.
 */
export function placeLabels(wanted: readonly Wanted[], marks: readonly Mark[], plot: { readonly widthPx: number; readonly heightPx: number; readonly labelPx: number }): readonly (Place | null)[] {
  const taken: Box[] = marks.map(({ x, y, radiusPx: r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
  const rings = Math.ceil(Math.max(plot.widthPx, plot.heightPx) / 2 / STEP_PX);
  return wanted.map(({ mark, widthPx }) => {
    for (let ring = 0; ring < rings; ring++) {
      for (const direction of DIRECTIONS) {
        const [cos, sin] = [Math.cos(direction), Math.sin(direction)];
        const away = mark.radiusPx + GAP_PX + ring * STEP_PX;
        // The nearest edge of the label, not its middle, is that far away.
        const x = mark.x + cos * (away + widthPx / 2);
        const y = mark.y + sin * (away + plot.labelPx / 2);
        const box = { left: x - widthPx / 2 - 1, right: x + widthPx / 2 + 1, top: y - plot.labelPx / 2, bottom: y + plot.labelPx / 2 };
        if (box.left < 0 || box.top < 0 || box.right > plot.widthPx || box.bottom > plot.heightPx || taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        return { x, y, isFar: ring > 1 };
      }
    }
    return null;
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
