// Which of some names was meant by a misspelt one.

/** Names longer than this are not compared: the work is the product of two lengths. */
const MAX_LENGTH = 100;

/** The name with the fewest letters to add, drop, replace or swap with a neighbour; undefined if that is more than a third of what was given. The first of several. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  if (given.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of names) {
    if (name.length > MAX_LENGTH) continue;
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** Optimal string alignment distance [Damerau 1964, each pair of neighbours swapped once at most]. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1), swapped ? before[j - 2]! + 1 : Infinity));
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}

/** What to try instead of an unknown name: the nearest first, where there is one, then all, each once. */
export function namesToTry(given: string, known: readonly string[], introduction: string): readonly string[] {
  const nearest = nearestName(given, known);
  const all = `${introduction}: ${[...new Set(known)].join(', ')}.`;
  return nearest === undefined ? [all] : [nearest, all];
}
