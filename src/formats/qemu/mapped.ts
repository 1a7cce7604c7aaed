// The events of QEMU's NVMe device that become normalized events, and what it takes to make one.

/**
 * The events that say something to the model, and the arguments it needs of each, by their names in events.ts.
 * Callers pass the arguments in this order. Every other device event is counted as ignored by its full name.
 */
export const MAPPED_EVENTS = {
  mmio_read: ['addr'],
  mmio_write: ['addr', 'data'],
  mmio_doorbell_sq: ['sqid', 'new_tail'],
  mmio_doorbell_cq: ['cqid', 'new_head'],
  shadow_doorbell_sq: ['sqid', 'new_shadow_doorbell'],
  shadow_doorbell_cq: ['cqid', 'new_shadow_doorbell'],
  update_sq_tail: ['sqid', 'new_tail'],
  update_cq_head: ['cqid', 'new_head'],
  eventidx_sq: ['sqid', 'new_eventidx'],
  eventidx_cq: ['cqid', 'new_eventidx'],
  update_sq_eventidx: ['sqid', 'new_eventidx'],
  update_cq_eventidx: ['cqid', 'new_eventidx'],
  io_cmd: ['sqid', 'cid', 'opcode'],
  admin_cmd: ['sqid', 'cid', 'opcode'],
  rw: ['cid', 'lba', 'nlb'],
  read: ['cid', 'lba', 'nlb'],
  write: ['cid', 'lba', 'nlb'],
  enqueue_req_completion: ['cqid', 'cid', 'status'],
  irq_msix: ['vector'],
  irq_pin: [],
  irq_masked: [],
  create_sq: ['sqid', 'qsize', 'cqid'],
  create_cq: ['cqid', 'size', 'vector', 'ien'],
  del_sq: ['qid'],
  del_cq: ['cqid'],
  dbbuf_config: ['dbs_addr', 'eis_addr'],
  mmio_aqattr: ['data'],
  mmio_start_success: [],
  mmio_stopped: [],
  pci_reset: [],
  mmio_shutdown_set: [],
} as const satisfies Record<string, readonly string[]>;

export type MappedEvent = keyof typeof MAPPED_EVENTS;

/** Most arguments that a mapped event takes. */
export const MAX_MAPPED_ARGS = 4;

export function isMapped(name: string): name is MappedEvent {
  return Object.hasOwn(MAPPED_EVENTS, name);
}
