// The submissions of a queue, as far as a recording with shadow doorbells on shows them. The device finds the tail where several submissions have
// moved it together, unless one of them rang while it was idle. Where nearly all that were seen one by one are of one size, so were, most
// likely, those in between: a jump of several times that size is so many submissions, and what is left over is one more.

/** A move of the tail. */
export interface Jump {
  readonly commands: number;
  /** Whether it is one submission for sure: it rang while the device was idle, or nothing has been silent before. */
  readonly alone: boolean;
}

/** Submissions in order: the commands of each. */
export interface Submissions {
  readonly batches: readonly number[];
  /** How many of them are inferred: they were found together. */
  readonly inferred: number;
}

/** The same number of commands in this share of the submissions that were seen one by one, or more, is the usual size. */
const NEARLY_ALL = 0.8;
/** Fewer than this have no usual size. */
const ENOUGH = 10;

/** The submissions that the jumps are; undefined where they can't be told. */
export function submissionsIn(jumps: readonly Jump[]): Submissions | undefined {
  const size = usualSize(jumps.filter(({ alone }) => alone).map(({ commands }) => commands));
  if (size === undefined) return undefined;
  const batches: number[] = [];
  let inferred = 0;
  for (const { commands, alone } of jumps) {
    const whole = alone ? 0 : Math.floor(commands / size);
    const rest = commands - whole * size;
    for (let i = 0; i < whole; i++) batches.push(size);
    if (rest > 0) batches.push(rest);
    if (commands > size && !alone) inferred += whole + Number(rest > 0);
  }
  return { batches, inferred };
}

function usualSize(sizes: readonly number[]): number | undefined {
  if (sizes.length < ENOUGH) return undefined;
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  const [size, count] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most));
  return count >= sizes.length * NEARLY_ALL ? size : undefined;
}
