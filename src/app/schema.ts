// Use case: what a user can query.

import { SCHEMA_VERSION } from '../store/schema.js';
import { describeSchema } from '../store/views.js';
import type { ViewDoc } from '../store/views.js';

/** The documented views of a store, and the version of the schema that they belong to. */
export function schema(): { readonly version: number; readonly views: readonly ViewDoc[] } {
  return { version: SCHEMA_VERSION, views: describeSchema() };
}
