// Use case: read a source while it grows, and keep the store up to date at intervals. Order of work:
//   read what is there -> decode -> at intervals a checkpoint, a whole trace as far as it goes -> at the end the last one
// It ends with what there is: at the end of a pipe, when the user says so, after a time without growth, or when the file
// is no longer the one that was opened. Everything runs in one thread: what is written live is slow beside a file.

import { usageError } from '../base/errors.js';
import { parseBar } from '../formats/bar.js';
import { named } from '../formats/decode.js';
import { openGrowing } from '../formats/growing.js';
import type { GrowingSource } from '../formats/growing.js';
import type { Store } from '../store/open.js';
import { findTraceByName } from '../store/queries.js';
import { refuseEmptyName } from './commit-trace.js';
import { readEventsFile } from './events-file.js';
import { Following } from './following.js';
import type { FollowOptions, FollowResult } from './following.js';
import { LazyStore } from './lazy-store.js';
import { namedFormat } from './named-format.js';

/** A busy store is waited for in small steps: signals must get through. */
const BUSY_TIMEOUT_MS = 200;

/**
 * Follows the one source of `paths` to its end. Each checkpoint is a trace whose sums add up; when the process is killed the
 * last one stays. A source that the limits refuse is removed again. Throws like ingest(), an input error for a source
 * that can't be followed, and E_INTERRUPTED when it is interrupted before the first byte.
 */
export async function follow(options: FollowOptions): Promise<FollowResult> {
  const [path = '', ...more] = options.paths;
  if (more.length > 0) {
    throw usageError(`--follow follows one source, not ${options.paths.length}`, ['Follow each in a process of its own: they can share a store.']);
  }
  const stores = new LazyStore(options.db, BUSY_TIMEOUT_MS);
  let source: GrowingSource | undefined;
  let following: Following | undefined;
  try {
    refuseName(options, stores.existing);
    const format = await namedFormat(options.format);
    const eventsFile = options.eventsFile === undefined ? undefined : await readEventsFile(options.eventsFile);
    source = await openGrowing(path);
    const mmio = { bars: (options.bars ?? []).map(parseBar), dstrd: options.dstrd };
    following = new Following(path, source, stores, { ...options, format: format?.id }, { format, eventsFile, mmio });
    return await following.run();
  } catch (error) {
    throw source === undefined ? error : named(error, source.name);
  } finally {
    following?.close();
    stores.close();
    await source?.close();
  }
}

/** Better now than at the first event. What the source will hold isn't known, so it can't be the content that has the name. */
function refuseName({ name, force }: FollowOptions, store: Store | undefined): void {
  refuseEmptyName(name);
  const namesake = name === undefined || force === true || store === undefined ? undefined : findTraceByName(store, name);
  if (namesake === undefined) return;
  throw usageError(`the name ${name} is taken by trace ${namesake.id} (${namesake.source})`, [
    'Choose another --name, or replace that trace with --force.',
  ]);
}
