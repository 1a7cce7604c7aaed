// The format that --format names: one of the registry by its id, or one that a JSON file declares.

import { usageError } from '../base/errors.js';
import type { TraceFormat } from '../formats/format.js';

/** Throws a usage error when there is no such format or the file declares none. */
export async function namedFormat(name: string | undefined): Promise<TraceFormat | undefined> {
  if (name === undefined) return undefined;
  if (name.toLowerCase().endsWith('.json')) {
    // Loaded only when needed: checking a declaration takes a library that is larger than all formats together.
    const { loadDeclaredFormat } = await import('../formats/declared/load.js');
    return loadDeclaredFormat(name);
  }
  const { FORMATS, formatNamed } = await import('../formats/registry.js');
  const format = formatNamed(name);
  if (format !== undefined) return format;
  const known = FORMATS.map((f) => f.id).join(', ');
  throw usageError(`there is no format ${name}; known: ${known}`, [
    '"bellwether list formats" describes them; a file that ends in .json declares a format of your own.',
  ]);
}
