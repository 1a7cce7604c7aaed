// What SQLite's errors mean to a user. Codes that aren't listed are bugs of ours and pass through unchanged.
// Codes: [SQLITE] https://www.sqlite.org/rescode.html; better-sqlite3 gives their names.

import Database from 'better-sqlite3';
import { BellwetherError, storeError } from '../base/errors.js';

interface Meaning {
  /** A primary code covers its extended codes: SQLITE_IOERR stands for SQLITE_IOERR_WRITE too. */
  readonly code: string;
  readonly what: string;
  readonly wayOut: string;
}

const MEANINGS: readonly Meaning[] = [
  { code: 'SQLITE_NOTADB', what: 'is not a store', wayOut: 'Name another file with --db.' },
  {
    code: 'SQLITE_CORRUPT',
    what: 'is damaged',
    wayOut: 'Ingest the captures again into a new file; "sqlite3 FILE .recover" may save what is left.',
  },
  { code: 'SQLITE_BUSY', what: 'is in use by another process', wayOut: 'Wait until that process has ended.' },
  { code: 'SQLITE_LOCKED', what: 'is in use by another process', wayOut: 'Wait until that process has ended.' },
  {
    code: 'SQLITE_READONLY',
    what: 'can only be read',
    wayOut: 'Make the file and its folder writable, or name another file with --db.',
  },
  { code: 'SQLITE_PERM', what: 'may not be opened', wayOut: 'Check the permissions of the file.' },
  {
    code: 'SQLITE_CANTOPEN',
    what: 'could not be opened or created',
    wayOut: 'Check that its folder exists and is writable: SQLite keeps a journal beside the file while it writes.',
  },
  { code: 'SQLITE_FULL', what: 'does not fit on the disk', wayOut: 'Make room, or name a file on another disk with --db.' },
  { code: 'SQLITE_IOERR', what: 'could not be read or written', wayOut: 'Check the disk.' },
];

/** `error` as a storeError about `file` when it is SQLite's and the user can act on it; otherwise `error` itself. */
export function storeFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const code = error.code;
  const meaning = MEANINGS.find((m) => code === m.code || code.startsWith(`${m.code}_`));
  if (meaning === undefined) return error;
  return storeError(`store ${file} ${meaning.what} (${error.message})`, { suggestions: [meaning.wayOut], cause: error });
}

/** Runs `action`, which works on the store in `file`, and throws SQLite's errors as storeErrors. */
export function guarded<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storeFailure(error, file);
  }
}

/** Whether an error, also one that guarded() threw, says that another process holds the store: later it may be free. */
export function isBusy(error: unknown): boolean {
  const cause = error instanceof BellwetherError ? error.cause : error;
  return cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY');
}
