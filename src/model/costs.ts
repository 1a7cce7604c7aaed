// What the model's own steps cost, in ns. Costs of the workload and of the device's service come from the
// recording (service.ts); costs of the doorbell write from the transport (transport.ts).

export interface Costs {
  /** Driver: store the shadow word, full barrier, load EventIdx. */
  readonly shadowUpdateNs: number;
  /** Device: one read of a shadow word. */
  readonly shadowReadNs: number;
  /** Device: one write of an EventIdx word. */
  readonly eventIdxWriteNs: number;
  /** Device: from taking the lock to the first entry of a pass over the SQ. */
  readonly dispatchNs: number;
  /** Device: from the begin of an iteration of the main loop that follows another one to its first work. */
  readonly iterationNs: number;
}

/**
 * Defaults. The driver's update is two cached accesses and a fence. The device's accesses are those of QEMU with
 * its log backend on: adjacent shadow records in captures lie 1 to 2 us apart, of which the record itself is most. What an iteration takes, the recorded times of its work hold.
 */
export const DEFAULT_COSTS: Costs = {
  shadowUpdateNs: 100,
  shadowReadNs: 1_350,
  eventIdxWriteNs: 1_350,
  dispatchNs: 4_000,
  iterationNs: 0,
};
