// Counts go on from what is certain when records are missing or there twice, and the capture doesn't say so.
//
// Certain are the indexes: a doorbell tells how far the driver is on its ring, whatever was lost before. Entries that a
// completion or a CQ head shows to have gone by are counted as fetched at once, also beyond the tail that was told. When a
// later doorbell shows a tail behind that, as many of the doubted entries were counted twice: either they were in the
// device all the time and their completion is what is missing, or the record of a fetch is there twice.

import type { CqLife, SqLife } from './lives.js';
import { announcedWaiting, inDevice, isFetched, leadTo } from './counts.js';
import type { Telling } from './telling.js';

/** Open commands that are looked through for those that have ended. */
const MAX_LOOKED_THROUGH = 4096;

/** Entries after a contradiction that prove nothing, also where a lap is shorter: a hole can be many short laps long. */
const MIN_SHAKEN = 256;

/** Records contradict each other on this queue pair: what follows within a lap is a consequence. */
export function shake(cq: CqLife): void {
  cq.shakenUntil = cq.completed + Math.max(cq.depth, MIN_SHAKEN);
}

/** Whether counts of this queue pair prove something. */
export function isSettled(cq: CqLife): boolean {
  return cq.completed >= cq.shakenUntil;
}

/** The driver gives back entries in a capture that shows doorbells only: as many commands went all the way, of those that were announced. */
export function completeSilently(cq: CqLife, count: number): void {
  cq.completed += count;
  for (const sq of cq.sqs) {
    const done = Math.min(count, announcedWaiting(sq));
    sq.fetched += done;
    sq.completed += done;
    sq.unseen += done;
    count -= done;
  }
}

/**
 * So many commands of the queue went through the device without a record. They are taken to be of the SQ that has most
 * announced commands waiting; where none waits, of the first one.
 */
export function goUnseen(cq: CqLife, count: number): void {
  for (let left = count; left > 0; ) {
    const sq = cq.sqs.reduce<SqLife | undefined>((most, one) => (most === undefined || announcedWaiting(one) > announcedWaiting(most) ? one : most), undefined);
    if (sq === undefined) return;
    const done = announcedWaiting(sq) === 0 ? left : Math.min(left, announcedWaiting(sq));
    sq.fetched += done;
    sq.completed += done;
    sq.unseen += done;
    sq.doubted += done;
    sq.toldSinceDoubt = false;
    leadTo(sq, sq.fetched);
    left -= done;
  }
}

/** The identifier of a fetched command is fetched anew: it has ended, or the record of its fetch is there twice. */
export function refetch(sq: SqLife): void {
  if (sq.stale > 0) {
    sq.stale -= 1;
    return;
  }
  sq.givenUp += 1;
  sq.refetched += 1;
  sq.doubted += 1;
  sq.toldSinceDoubt = false;
}

/**
 * A doorbell is about to tell of a tail `step` entries beyond what is announced. The device can't have fetched what was not
 * announced: as far as it seems to have, and no doorbell that is missing explains it, what is doubted is taken back.
 * @returns entries taken back, by which the step becomes longer
 */
export function takeBack(sq: SqLife, step: number): number {
  // A missing doorbell can explain it as long as the hole may lie between this doorbell and the last.
  const sure = sq.toldSinceDoubt ? sq.lead : Math.min(sq.lead, Math.max(1 - step, 0));
  sq.toldSinceDoubt = true;
  const back = Math.min(sure, sq.doubted);
  if (!(back > 0)) return 0;
  const twice = Math.min(back, sq.refetched);
  sq.doubted -= back;
  sq.refetched -= twice;
  sq.givenUp -= twice;
  sq.stale += back - twice;
  sq.lead -= back;
  sq.announced -= back;
  sq.fetched -= back;
  return back;
}

/** After a completion: no more have ended than were fetched, and where none is left in the device, the open ones are stale. */
export function settle(sq: SqLife, telling: Telling): void {
  const missing = sq.completed + sq.givenUp - sq.fetched;
  if (missing > 0) {
    sq.fetched += missing;
    sq.stale = Math.max(sq.stale - missing, 0);
    leadTo(sq, sq.fetched);
  }
  if (sq.stale === 0 || inDevice(sq) > 0 || sq.open.size > MAX_LOOKED_THROUGH) return;
  for (const [cid, command] of sq.open) {
    if (!isFetched(command)) continue;
    sq.open.delete(cid);
    telling.endUnfinished(command);
  }
  sq.stale = 0;
}

/**
 * Indexes can't tell laps that are missing as a whole, which matters on short rings. On a shaken queue pair more entries
 * than the ring holds mean that it went round unseen once more.
 * @returns entries of the CQ that were given back so
 */
export function lapOfHeads(cq: CqLife): number {
  return !cq.depthInferred && !isSettled(cq) && cq.completed - cq.released >= cq.depth ? cq.depth : 0;
}

/** As lapOfHeads, where a tail seems to move by `step`: it came round once less. */
export function lapOfTails(sq: SqLife, step: number): number {
  return !sq.depthInferred && !isSettled(sq.cq) && announcedWaiting(sq) + step >= sq.depth ? sq.depth : 0;
}
