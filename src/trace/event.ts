// The normalized event: the one language that importers and the replay speak, and that history, metrics,
// charts and exports understand. An event is a row of a columnar batch (batch.ts); this file says what
// its columns mean, kind by kind.

/**
 * Kinds of events. The number is what batches and the store hold: never reuse or reorder one.
 *
 * Columns that a kind doesn't name are absent (see ABSENT in batch.ts).
 *
 * | kind | meaning | columns |
 * |---|---|---|
 * | doorbell.mmio | the driver wrote a doorbell register | queue, side, value |
 * | doorbell.shadow | the device read this value from the shadow doorbell | queue, side, value |
 * | eventidx | the device wrote this value to the EventIdx word | queue, side, value |
 * | command.setup | the driver built a command | queue, cid, opcode, value = first LBA, extra = number of blocks |
 * | command.fetch | the device took a command from the SQ | queue, cid, opcode |
 * | command.range | what a fetched command reads or writes | cid, value = first LBA, extra = number of blocks |
 * | command.complete | the device finished it: the CQE is posted or about to be | queue = CQ, cid, status |
 * | command.reap | the driver consumed the CQE | queue, cid, status |
 * | interrupt | the device signalled a CQ | queue if known, value = vector, extra: 0 MSI-X, 1 pin, 2 masked |
 * | queue.create | an I/O queue was created | queue, side, value = entries, cid of the admin command; extra: sq: its CQ, cq: vector, or -1 without interrupts |
 * | queue.delete | it was deleted | queue, side |
 * | dbbuf.config | Doorbell Buffer Config (or C0h) accepted | value = PRP1, extra = PRP2 |
 * | controller.reset | CC.EN 1 -> 0 or a function-level reset | - |
 * | controller.enable | CC.EN 0 -> 1 succeeded | value = admin SQ entries, extra = admin CQ entries, when known |
 * | controller.shutdown | CC.SHN set | - |
 * | register.read | a controller register was read | extra = byte offset |
 * | register.write | one was written | value = data, extra = byte offset |
 * | vm.exit | the vCPU left the guest | value = exit reason, extra = guest physical address |
 * | vm.entry | it went back in | - |
 * | lost | the capture says that records are missing here | value = how many, when known |
 * | mark | a note that the capture's author left | - |
 */
export const KIND = {
  'doorbell.mmio': 1,
  'doorbell.shadow': 2,
  eventidx: 3,
  'command.setup': 4,
  'command.fetch': 5,
  'command.range': 6,
  'command.complete': 7,
  'command.reap': 8,
  interrupt: 9,
  'queue.create': 10,
  'queue.delete': 11,
  'dbbuf.config': 12,
  'controller.reset': 13,
  'controller.enable': 14,
  'controller.shutdown': 15,
  'register.read': 16,
  'register.write': 17,
  'vm.exit': 18,
  'vm.entry': 19,
  lost: 20,
  mark: 21,
} as const;

export type KindName = keyof typeof KIND;
export type Kind = (typeof KIND)[KindName];

/** Every kind, in the order of its number. */
export const KIND_NAMES = Object.keys(KIND) as readonly KindName[];

/** The name of a kind's number; throws on a number that no kind has. */
export function kindName(kind: number): KindName {
  const name = KIND_NAMES[kind - 1];
  if (name === undefined || KIND[name] !== kind) throw new RangeError(`no event kind has the number ${kind}`);
  return name;
}

/** Values of the `side` column. */
export const SIDE_SQ = 0;
export const SIDE_CQ = 1;

/** Values of the `extra` column of an interrupt. */
export const INTERRUPT_MSIX = 0;
export const INTERRUPT_PIN = 1;
export const INTERRUPT_MASKED = 2;

/** Clocks that time stamps can come from. `none`: the capture has no time stamps, only an order. */
export const CLOCKS = ['none', 'realtime', 'monotonic', 'boot', 'trace', 'model'] as const;
export type Clock = (typeof CLOCKS)[number];
