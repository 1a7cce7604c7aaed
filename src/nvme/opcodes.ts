// Command opcodes and their names. [NVMe-2.0] figures 138 (admin) and [NVM-CS-1.0] figure 18 (NVM command set);
// C0h is the vendor command of the 2014 proposal.

export const ADMIN_OPCODES = {
  DELETE_IO_SQ: 0x00,
  CREATE_IO_SQ: 0x01,
  GET_LOG_PAGE: 0x02,
  DELETE_IO_CQ: 0x04,
  CREATE_IO_CQ: 0x05,
  IDENTIFY: 0x06,
  ABORT: 0x08,
  SET_FEATURES: 0x09,
  GET_FEATURES: 0x0a,
  ASYNC_EVENT_REQUEST: 0x0c,
  NAMESPACE_ATTACHMENT: 0x15,
  VIRTUALIZATION_MANAGEMENT: 0x1c,
  DOORBELL_BUFFER_CONFIG: 0x7c,
  FORMAT_NVM: 0x80,
  SECURITY_SEND: 0x81,
  SECURITY_RECEIVE: 0x82,
  GOOGLE_DOORBELL_MEMORY: 0xc0,
} as const;

export const IO_OPCODES = {
  FLUSH: 0x00,
  WRITE: 0x01,
  READ: 0x02,
  WRITE_UNCORRECTABLE: 0x04,
  COMPARE: 0x05,
  WRITE_ZEROES: 0x08,
  DATASET_MANAGEMENT: 0x09,
  VERIFY: 0x0c,
  COPY: 0x19,
  ZONE_MANAGEMENT_SEND: 0x79,
  ZONE_MANAGEMENT_RECEIVE: 0x7a,
  ZONE_APPEND: 0x7d,
} as const;

function nameOf(table: Readonly<Record<string, number>>, opcode: number): string {
  for (const [name, value] of Object.entries(table)) {
    if (value === opcode) return name.toLowerCase().replaceAll('_', ' ');
  }
  return `opcode ${opcode.toString(16).padStart(2, '0')}h`;
}

/** The field's name of an opcode on queue `qid`: (0, 7Ch) -> "doorbell buffer config", (1, 02h) -> "read". */
export function opcodeName(qid: number, opcode: number): string {
  return nameOf(qid === 0 ? ADMIN_OPCODES : IO_OPCODES, opcode);
}
