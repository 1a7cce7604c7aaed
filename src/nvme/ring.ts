// Ring arithmetic of a queue. Nothing else in the project takes a remainder of an index.
// [NVMe-2.0] 3.3.1: a queue of `depth` entries is empty when head = tail and full when tail + 1 = head (mod depth).
//
//   depth 8:   0 1 2 3 4 5 6 7
//                  ^head   ^tail     three entries wait: 2, 3, 4

/** Throws unless `index` is a whole number in 0 .. depth - 1. */
export function assertIndex(index: number, depth: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= depth) {
    throw new RangeError(`index ${index} is outside a ring of ${depth} entries (0..${depth - 1})`);
  }
}

/** The index `by` entries after `index`; `by` in -depth .. any whole number. */
export function advance(index: number, by: number, depth: number): number {
  const moved = (index + by) % depth;
  return moved < 0 ? moved + depth : moved;
}

/** How many single steps lead forward from `from` to `to`: 0 .. depth - 1. */
export function distance(from: number, to: number, depth: number): number {
  return to >= from ? to - from : to - from + depth;
}

/** Entries that a producer at `tail` may still add while the consumer is at `head`: 0 .. depth - 1. */
export function freeEntries(head: number, tail: number, depth: number): number {
  return depth - 1 - distance(head, tail, depth);
}
