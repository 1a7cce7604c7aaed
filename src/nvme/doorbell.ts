// Doorbell registers: address <-> (queue, side). [NVMe-PCIe-1.0] 3.1.2.1-3.1.2.2 (NVMe 1.4: 3.1.24-3.1.25):
// SQ y tail doorbell at 1000h + (2y * (4 << CAP.DSTRD)), CQ y head doorbell at 1000h + ((2y + 1) * (4 << CAP.DSTRD)).
// Doorbell Buffer Config lays its two pages out in the same order, without the 1000h.

/** Byte offset of the first doorbell register in BAR0. */
export const DOORBELL_BASE = 0x1000;
/** Largest CAP.DSTRD: a four-bit field. */
export const MAX_DSTRD = 15;
/** Queue identifiers are 16 bits. */
export const MAX_QID = 0xffff;

/** The submission queue's tail doorbell, or the completion queue's head doorbell. */
export type Side = 'sq' | 'cq';

export interface DoorbellId {
  /** Queue identifier, 0 = admin. */
  readonly qid: number;
  readonly side: Side;
}

/** Bytes from one doorbell to the next: 4 << CAP.DSTRD. */
export function strideBytes(dstrd: number): number {
  if (!Number.isInteger(dstrd) || dstrd < 0 || dstrd > MAX_DSTRD) {
    throw new RangeError(`CAP.DSTRD ${dstrd} is outside 0..${MAX_DSTRD}`);
  }
  return 4 * 2 ** dstrd;
}

/** Byte offset in BAR0 of a doorbell register. */
export function doorbellOffset(qid: number, side: Side, dstrd = 0): number {
  return DOORBELL_BASE + shadowOffset(qid, side, dstrd);
}

/** Byte offset of a queue side's word in the shadow doorbell page and in the EventIdx page. [NVMe-2.0] 5.8 */
export function shadowOffset(qid: number, side: Side, dstrd = 0): number {
  if (!Number.isInteger(qid) || qid < 0 || qid > MAX_QID) {
    throw new RangeError(`queue ${qid} is outside 0..${MAX_QID}`);
  }
  return (2 * qid + (side === 'cq' ? 1 : 0)) * strideBytes(dstrd);
}

/** Which doorbell lies at a byte offset in BAR0; undefined when none does. */
export function doorbellAt(offset: number, dstrd = 0): DoorbellId | undefined {
  const index = (offset - DOORBELL_BASE) / strideBytes(dstrd);
  if (!Number.isInteger(index) || index < 0) return undefined;
  const qid = Math.floor(index / 2);
  if (qid > MAX_QID) return undefined;
  return { qid, side: index % 2 === 0 ? 'sq' : 'cq' };
}
