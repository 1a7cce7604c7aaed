// Keys of JSON output are in snake_case, like the columns of the views; the program's own names are in camelCase.

/** Objects whose keys are data: names of events and reasons, of predictors, and columns as a query calls them. */
const KEYED_BY_DATA: ReadonlySet<string> = new Set(['unknown', 'ignored', 'rejected', 'baselines', 'rows']);

const CAMEL_CASE = /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+$/;

/** The same JSON data with its keys in snake_case; what is keyed by data stays as it is. */
export function withJsonKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withJsonKeys);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [jsonKey(key), KEYED_BY_DATA.has(key) ? each : withJsonKeys(each)]));
}

function jsonKey(key: string): string {
  return CAMEL_CASE.test(key) ? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key;
}
