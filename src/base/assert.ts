// Assertions: a failed one is a bug in Bellwether, never bad input.

/** Throws when `condition` is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}

/** Throws. For hot paths: `if (!condition) fail(text)` puts the text together only when it is needed. */
export function fail(message: string): never {
  throw new Error(`internal error: ${message}`);
}

/** Returns `value`, or throws when it is null or undefined. */
export function ensure<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`internal error: missing ${what}`);
  return value;
}

/** Closes a switch over a union: the compiler refuses the call while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`internal error: unexpected ${JSON.stringify(value)}`);
}
