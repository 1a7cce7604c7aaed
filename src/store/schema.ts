// The store's schema as numbered, forward-only migrations. Migration n (counted from 1) takes a file from
// version n - 1 to n; PRAGMA user_version holds the number reached. A released migration is never edited:
// a change is a further one. Tables are private; the views (documented in views.ts) are the public interface.
// Follows [SQLITE] https://www.sqlite.org/pragma.html#pragma_application_id and stricttables.html.

import { VERSION_1 } from './migrations/version-1.js';
import { VERSION_2 } from './migrations/version-2.js';
import { VERSION_3 } from './migrations/version-3.js';
import { VERSION_4 } from './migrations/version-4.js';
import { VERSION_5 } from './migrations/version-5.js';
import { VERSION_6 } from './migrations/version-6.js';
import { VERSION_7 } from './migrations/version-7.js';

export { MAX_TRACE_ID } from './migrations/version-1.js';

/** PRAGMA application_id of our files: "BWDB" in ASCII. */
export const APPLICATION_ID = 0x42574442;

/** Sequence numbers per trace: an event's id is trace id * EVENTS_PER_TRACE + sequence. */
export const EVENTS_PER_TRACE = 2 ** 32;

/** Migration n stands at index n - 1. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7];

/** The version that this release reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
