// Use case: the capture formats that can be named.

import { FORMATS } from '../formats/registry.js';

/** Every format in the order of the registry. */
export function formats(): { readonly formats: readonly { readonly id: string; readonly title: string }[] } {
  return { formats: FORMATS.map(({ id, title }) => ({ id, title })) };
}
