// When must the driver write the doorbell register after it updated the shadow doorbell?
// [NVMe-2.0] 5.8 and B.5; the two predicates that ship in drivers, and the cyclic interval that they stand for.
// All values are indexes into a ring; the drivers compute modulo 2^16 although the ring wraps at its depth.

/**
 * Linux, SerenityOS, and the 2014 proposal: ring iff eventIdx is in the cyclic interval [old, new).
 * Linux drivers/nvme/host/pci.c nvme_dbbuf_need_event, after virtio's vring_need_event.
 */
export function ringNeeded(eventIdx: number, newValue: number, oldValue: number): boolean {
  return ((newValue - eventIdx - 1) & 0xffff) < ((newValue - oldValue) & 0xffff);
}

/**
 * SPDK, libvfn, and the example of the specification: ring iff eventIdx is in [old, new], both ends.
 * SPDK lib/nvme/nvme_pcie_internal.h nvme_pcie_qpair_need_event.
 */
export function ringNeededInclusive(eventIdx: number, newValue: number, oldValue: number): boolean {
  return ((newValue - eventIdx) & 0xffff) <= ((newValue - oldValue) & 0xffff);
}

/** Whether `index` lies in [from, to) on a ring of `depth` entries; empty when from = to. */
export function inCyclicInterval(index: number, from: number, to: number, depth: number): boolean {
  const length = to >= from ? to - from : to - from + depth;
  const offset = index >= from ? index - from : index - from + depth;
  return index < depth && offset < length;
}
