// What was meant by a name that isn't there.

/** Up to two letters more, fewer or other ones, but not most of a short name. */
function isNear(steps: number, name: string): boolean {
  return steps <= Math.min(2, Math.floor(name.length / 3));
}

/** The name of the list that the text is a misspelling of, by as few letters as possible; undefined where none is near. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const asked = text.toLowerCase().slice(0, 100);
  const ranked = names.map((name) => ({ name, steps: editSteps(asked, name.toLowerCase()) })).toSorted((a, b) => a.steps - b.steps);
  const best = ranked.find(({ name, steps }) => isNear(steps, name));
  return best?.name ?? names.find((name) => asked.length >= 3 && name.toLowerCase().startsWith(asked));
}

/** Letters to insert, delete, exchange, or swap with their neighbours, to make one text of the other. */
function editSteps(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const steps = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1));
      next.push(isSwapped ? Math.min(steps, before[j - 2]! + 1) : steps);
    }
    before = row;
    row = next;
  }
  return row[to.length]!;
}
