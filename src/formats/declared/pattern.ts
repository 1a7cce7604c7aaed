// Checks a regular expression that a user declared, before it meets a capture: syntax, named groups, and a shape whose
// running time can explode. Not a proof: `a*a*a*` is only slow. The cap on the length of a line bounds the rest.

const UNBOUNDED = /^(?:[*+]|\{\d+,\})/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const GROUP_START = /^\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>))?/;
const CLASS = /^\[(?:\\.|[^\]\\])*\]/s;
const BACKREFERENCE = /^\\(?:[1-9]|k<)/;

interface Group {
  /** Something in it repeats without bound. */
  repeats: boolean;
  /** It has alternatives. */
  alternatives: boolean;
}

/**
 * Why the pattern isn't taken, or undefined. It must be a valid regular expression (with the flag `u`) without
 * back-references, and no group may repeat without bound if its content does so too or has alternatives:
 * `(a+)+` takes longer than anybody lives on a line of a hundred characters.
 */
export function patternFault(pattern: string): string | undefined {
  try {
    RegExp(pattern, 'u');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return shapeFault(pattern);
}

function shapeFault(pattern: string): string | undefined {
  const groups: Group[] = [{ repeats: false, alternatives: false }];
  let rest = pattern;
  function take(length: number): void {
    rest = rest.slice(length);
  }
  while (rest !== '') {
    if (BACKREFERENCE.test(rest)) return 'back-references are not allowed: their running time has no bound';
    const inner = groups.at(-1)!;
    const start = GROUP_START.exec(rest)?.[0];
    if (start !== undefined) {
      groups.push({ repeats: false, alternatives: false });
      take(start.length);
      continue;
    }
    if (rest.startsWith('|')) {
      inner.alternatives = true;
      take(1);
      continue;
    }
    const closed = rest.startsWith(')') ? groups.pop() : undefined;
    take(closed === undefined ? atomLength(rest) : 1);
    const unbounded = UNBOUNDED.test(rest);
    if (closed !== undefined) {
      if (unbounded && closed.repeats) return 'a group that repeats without bound holds something else that does: write it without nesting';
      if (unbounded && closed.alternatives) return 'a group with alternatives repeats without bound: use a character class, or a bound such as {0,8}';
      if (closed.repeats) groups.at(-1)!.repeats = true;
      if (closed.alternatives) groups.at(-1)!.alternatives = true;
    }
    if (unbounded) groups.at(-1)!.repeats = true;
    take(QUANTIFIER.exec(rest)?.[0].length ?? 0);
  }
  return undefined;
}

/** Length of one escape, class or character. */
function atomLength(rest: string): number {
  if (rest.startsWith('\\')) return 2;
  return CLASS.exec(rest)?.[0].length ?? 1;
}

/** The names of the groups of a valid pattern. */
export function groupNames(pattern: string): readonly string[] {
  // An empty alternative always matches; its result lists every group.
  return Object.keys(RegExp(`${pattern}|`, 'u').exec('')?.groups ?? {});
}
