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

/** Records contradict each other on this queue pair: what follows within a lap is a consequence. */
export function shake(cq: CqLife): void {
  cq.shakenUntil = cq.completed + cq.depth;
}

/** Whether counts of this queue pair prove something. */
export function isSettled(cq: CqLife): boolean {
  return cq.completed >= cq.shakenUntil;
}

/** The driver gives back entries in a capture that shows doorbells only: as many commands went all the way. */
export function completeSilently(cq: CqLife, count: number): void {
  cq.completed += count;
  goUnseen(cq, count);
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
}

/** A doorbell told of a tail behind what counts as fetched: takes back what is doubted of that. */
export function takeBack(sq: SqLife): void {
  const back = Math.min(sq.lead, sq.doubted);
  if (back === 0) return;
  const twice = Math.min(back, sq.refetched);
  sq.doubted -= back;
  sq.refetched -= twice;
  sq.givenUp -= twice;
  sq.stale += back - twice;
  sq.lead -= back;
  sq.announced -= back;
  sq.fetched -= back;
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
 * A lap of CQ heads can be lost as a whole. It shows when more commands seem to be out than the queue has room for, which
 * only a driver that does without the heads of completed commands brings about: so it is taken so only on a shaken pair.
 */
export function missLap(cq: CqLife): number {
  const [sq] = cq.sqs;
  if (sq === undefined || cq.sqs.length > 1 || isSettled(cq) || cq.depthInferred) return 0;
  const out = sq.announced - sq.completed - sq.givenUp + cq.completed - cq.released;
  return out > sq.depth - 1 && out >= cq.depth ? cq.depth : 0;
}
