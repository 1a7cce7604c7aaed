// The driver's own events. [LINUX drivers/nvme/host/trace.h, trace.c]
//
//   nvme_setup_cmd     built, not yet copied to the SQ nor announced     command.setup
//                      Create I/O SQ or CQ, on queue 0                   and queue.create
//   nvme_complete_rq   the request is done, the CQE was consumed         command.reap
//                      of Delete I/O SQ or CQ, if successful             and queue.delete
//                      of Doorbell Buffer Config, if successful          and dbbuf.config, addresses unknown
//
// Command identifiers stay as they are: 16 bits with the generation in the upper four since Linux 5.15, the tag alone
// in completions of 5.15 to 5.19.

import { ADMIN_OPCODES, IO_OPCODES } from '../../nvme/opcodes.js';
import type { EventWriter } from '../../trace/batch.js';
import { KIND, SIDE_CQ, SIDE_SQ } from '../../trace/event.js';
import type { Stamp } from '../stamp.js';
import type { FieldReader } from './fields.js';

/** The controller column has 8 bits. */
const MAX_CONTROLLER = 0xff;
const MAX_U16 = 0xffff;
/** A status without its phase bit. */
const MAX_STATUS = 0x7fff;
/** Admin commands that wait for their completion, at most: more than Linux's admin queue of 32 holds, on 32 controllers. */
const MAX_WAITING = 1024;

/** I/O commands with SLBA in CDW10-11 and the 0-based number of blocks in CDW12 15:0. [NVM-CS-1.0] 3.2 */
const RANGED: ReadonlySet<number> = new Set([
  IO_OPCODES.WRITE, IO_OPCODES.READ, IO_OPCODES.WRITE_UNCORRECTABLE, IO_OPCODES.COMPARE, IO_OPCODES.WRITE_ZEROES,
  IO_OPCODES.VERIFY, IO_OPCODES.ZONE_APPEND,
]);

/** What becomes true when an admin command succeeds. */
interface Pending {
  readonly opcode: number;
  /** The queue to delete. */
  readonly qid: number;
}

/** Writes the events of nvme records. Each method returns the reason when the record must be rejected. */
export class NvmeRecords {
  /** By controller and command identifier. */
  private readonly waiting = new Map<number, Pending>();

  /** nvme_setup_cmd; `admin`: the event that is for queue 0 only and doesn't say so. */
  setup(fields: FieldReader, admin: boolean, stamp: Stamp, writer: EventWriter): string | undefined {
    const controller = fields.number('ctrl_id');
    const qid = admin ? 0 : fields.number('qid');
    const cid = fields.number('cid');
    const opcode = fields.number('opcode');
    const fault = identity(controller, qid, cid);
    if (fault !== undefined) return fault;
    let slba = NaN;
    let blocks = NaN;
    if (qid !== 0 && RANGED.has(opcode)) {
      slba = fields.number('slba');
      const printed = !Number.isNaN(slba);
      if (!printed) slba = fields.littleEndian('cdw10', 0, 8);
      blocks = 1 + (printed ? fields.number('len') : fields.littleEndian('cdw10', 8, 2));
      if (slba > Number.MAX_SAFE_INTEGER || blocks > MAX_U16 + 1) return 'the first LBA or the number of blocks is out of range';
    }
    const row = add(KIND['command.setup'], controller, stamp, writer);
    const { batch } = writer;
    batch.queue[row] = qid;
    batch.cid[row] = cid;
    if (opcode >= 0 && opcode <= 0xff) batch.opcode[row] = opcode;
    batch.value[row] = slba;
    batch.extra[row] = blocks;
    if (qid === 0) this.admin(opcode, controller, cid, fields, stamp, writer);
    return undefined;
  }

  /** nvme_complete_rq. */
  reap(fields: FieldReader, stamp: Stamp, writer: EventWriter): string | undefined {
    const controller = fields.number('ctrl_id');
    const qid = fields.number('qid');
    const cid = fields.number('cid');
    const status = fields.number('status');
    const fault = identity(controller, qid, cid);
    if (fault !== undefined) return fault;
    if (!isWithin(status, MAX_STATUS)) return `no status within 0..${MAX_STATUS}`;
    const row = add(KIND['command.reap'], controller, stamp, writer);
    const { batch } = writer;
    batch.queue[row] = qid;
    batch.cid[row] = cid;
    batch.status[row] = status;
    if (qid === 0 && this.waiting.size > 0) this.adminDone(controller, cid, status, stamp, writer);
    return undefined;
  }

  private admin(opcode: number, controller: number, cid: number, fields: FieldReader, stamp: Stamp, writer: EventWriter): void {
    switch (opcode) {
      case ADMIN_OPCODES.CREATE_IO_SQ:
        create(SIDE_SQ, argument(fields, 'sqid', 0), argument(fields, 'cqid', 6), controller, cid, fields, stamp, writer);
        break;
      case ADMIN_OPCODES.CREATE_IO_CQ: {
        // Bit 1 of CDW11: interrupts enabled. [NVMe-2.0] 5.4
        const interrupts = (argument(fields, 'cq_flags', 4) & 2) !== 0;
        create(SIDE_CQ, argument(fields, 'cqid', 0), interrupts ? argument(fields, 'irq_vector', 6) : -1, controller, cid, fields, stamp, writer);
        break;
      }
      case ADMIN_OPCODES.DELETE_IO_SQ:
        this.wait(controller, cid, opcode, argument(fields, 'sqid', 0));
        break;
      case ADMIN_OPCODES.DELETE_IO_CQ:
        this.wait(controller, cid, opcode, argument(fields, 'cqid', 0));
        break;
      case ADMIN_OPCODES.DOORBELL_BUFFER_CONFIG:
      case ADMIN_OPCODES.GOOGLE_DOORBELL_MEMORY:
        this.wait(controller, cid, opcode, 0);
        break;
      default:
        this.waiting.delete(waitingKey(controller, cid));
        break;
    }
  }

  private wait(controller: number, cid: number, opcode: number, qid: number): void {
    if (this.waiting.size >= MAX_WAITING) this.waiting.clear();
    if (isWithin(qid, MAX_U16)) this.waiting.set(waitingKey(controller, cid), { opcode, qid });
  }

  private adminDone(controller: number, cid: number, status: number, stamp: Stamp, writer: EventWriter): void {
    const key = this.keyOf(controller, cid);
    const pending = key === undefined ? undefined : this.waiting.get(key);
    if (key === undefined || pending === undefined) return;
    this.waiting.delete(key);
    if (status !== 0) return;
    const { opcode, qid } = pending;
    if (opcode === ADMIN_OPCODES.DELETE_IO_SQ || opcode === ADMIN_OPCODES.DELETE_IO_CQ) {
      const row = add(KIND['queue.delete'], controller, stamp, writer);
      writer.batch.queue[row] = qid;
      writer.batch.side[row] = opcode === ADMIN_OPCODES.DELETE_IO_SQ ? SIDE_SQ : SIDE_CQ;
    } else {
      add(KIND['dbbuf.config'], controller, stamp, writer);
    }
  }

  /** The command that a completion belongs to: the same identifier, or the same tag where the completion shows only that. */
  private keyOf(controller: number, cid: number): number | undefined {
    const whole = waitingKey(controller, cid);
    if (this.waiting.has(whole) || cid > 0xfff) return whole;
    for (const key of this.waiting.keys()) {
      if (key >>> 16 === controller && (key & 0xfff) === cid) return key;
    }
    return undefined;
  }
}

function create(
  side: number, qid: number, extra: number, controller: number, cid: number, fields: FieldReader, stamp: Stamp, writer: EventWriter,
): void {
  const qsize = argument(fields, 'qsize', 2);
  if (!isWithin(qid, MAX_U16) || !isWithin(qsize, MAX_U16) || Number.isNaN(extra)) return;
  const row = add(KIND['queue.create'], controller, stamp, writer);
  const { batch } = writer;
  batch.queue[row] = qid;
  batch.side[row] = side;
  batch.cid[row] = cid;
  batch.value[row] = qsize + 1;
  batch.extra[row] = extra;
}

/** A 16-bit argument of a queue command: printed by its name, or at `offset` in CDW10 to CDW15. */
function argument(fields: FieldReader, name: string, offset: number): number {
  const printed = fields.number(name);
  return Number.isNaN(printed) ? fields.littleEndian('cdw10', offset, 2) : printed;
}

function add(kind: number, controller: number, stamp: Stamp, writer: EventWriter): number {
  const row = writer.add(kind, stamp.timeNs);
  const { batch } = writer;
  batch.thread[row] = stamp.thread;
  batch.place[row] = stamp.place;
  batch.controller[row] = controller;
  return row;
}

function identity(controller: number, qid: number, cid: number): string | undefined {
  if (!isWithin(qid, MAX_U16)) return `no qid within 0..${MAX_U16}`;
  if (!isWithin(cid, MAX_U16)) return `no cmdid within 0..${MAX_U16}`;
  if (!isWithin(controller, MAX_CONTROLLER)) return `no controller number within 0..${MAX_CONTROLLER}`;
  return undefined;
}

function isWithin(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}

function waitingKey(controller: number, cid: number): number {
  return controller * 0x1_0000 + cid;
}
