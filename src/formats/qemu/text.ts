// The printed text of QEMU's NVMe device events: `<event name> <text>`, the text from a printf format.
// [QEMU] hw/block/trace-events, hw/nvme/trace-events. Only mapped events have their text here; of the others
// the name suffices. The same text stands in the log, ftrace and syslog backends, behind different prefixes.

import { ascii } from '../../base/bytes.js';
import { definitionsOf } from './events.js';
import type { ArgType, EventDefinition } from './events.js';
import { MAPPED_EVENTS, MAX_MAPPED_ARGS, isMapped } from './normalize.js';
import type { MappedEvent } from './normalize.js';

/**
 * One text per definition in events.ts, in the same order, `%x`, `%u`, `%d` and `%s` for arguments in the order of
 * the definition. Strings end at the character that follows `%s`.
 */
const TEXTS: Readonly<Record<MappedEvent, readonly string[]>> = {
  mmio_read: ['addr 0x%x', 'addr 0x%x size %d'],
  mmio_write: ['addr 0x%x data 0x%x', 'addr 0x%x data 0x%x size %d'],
  mmio_doorbell_sq: ['sqid %u new_tail %u'],
  mmio_doorbell_cq: ['cqid %u new_head %u'],
  shadow_doorbell_sq: ['sqid %u new_shadow_doorbell %u'],
  shadow_doorbell_cq: ['cqid %u new_shadow_doorbell %u'],
  update_sq_tail: ['sqid %u new_tail %u'],
  update_cq_head: ['cqid %u new_head %u'],
  eventidx_sq: ['sqid %u new_eventidx %u'],
  eventidx_cq: ['cqid %u new_eventidx %u'],
  update_sq_eventidx: ['sqid %u new_eventidx %u'],
  update_cq_eventidx: ['cqid %u new_eventidx %u'],
  io_cmd: ["cid %u nsid %u sqid %u opc 0x%x opname '%s'", "cid %u nsid 0x%x sqid %u opc 0x%x opname '%s'"],
  admin_cmd: ["cid %u sqid %u opc 0x%x opname '%s'"],
  rw: ['%s %u blocks (%u bytes) from LBA %u', "cid %u opname '%s' nsid %u nlb %u count %u lba 0x%x"],
  read: ['cid %u nsid %u nlb %u count %u lba 0x%x'],
  write: ["cid %u opname '%s' nsid %u nlb %u count %u lba 0x%x"],
  enqueue_req_completion: ['cid %u cqid %u status 0x%x', 'cid %u cqid %u dw0 0x%x dw1 0x%x status 0x%x'],
  irq_msix: ['raising MSI-X IRQ vector %u'],
  irq_pin: ['pulsing IRQ pin'],
  irq_masked: ['IRQ is masked'],
  create_sq: ['create submission queue, addr=0x%x, sqid=%u, cqid=%u, qsize=%u, qflags=%u'],
  create_cq: ['create completion queue, addr=0x%x, cqid=%u, vector=%u, qsize=%u, qflags=%u, ien=%d'],
  del_sq: ['deleting submission queue sqid=%u'],
  del_cq: ['deleted completion queue, sqid=%u', 'deleted completion queue, cqid=%u'],
  dbbuf_config: ['dbs_addr=0x%x eis_addr=0x%x'],
  mmio_aqattr: ['wrote MMIO, admin queue attributes=0x%x'],
  mmio_start_success: ['setting controller enable bit succeeded'],
  mmio_stopped: ['cleared controller enable bit'],
  pci_reset: ['PCI Function Level Reset'],
  mmio_shutdown_set: ['shutdown bit set'],
};

/** Largest value of each type as a number; 64-bit values beyond 2^53 - 1 can't be kept and are refused. */
const MAX_OF: Readonly<Record<ArgType, number>> = {
  u8: 0xff,
  u16: 0xffff,
  u32: 0xffff_ffff,
  u64: Number.MAX_SAFE_INTEGER,
  i32: 0x7fff_ffff,
  i64: Number.MAX_SAFE_INTEGER,
  size: Number.MAX_SAFE_INTEGER,
  bool: 1,
  str: NaN,
};

/** Conversions, as the codes of a compiled text. */
const HEX = 0;
const UNSIGNED = 1;
const SIGNED = 2;
const STRING = 3;
const CODES: Readonly<Record<string, number>> = { x: HEX, u: UNSIGNED, d: SIGNED, s: STRING };

/** The text of one definition, compiled: literals and conversions take turns, a literal first and last. */
export interface TextForm {
  readonly definition: EventDefinition;
  /** All literals in a row, and the end of each within it. */
  readonly literals: Uint8Array;
  readonly literalEnds: Int32Array;
  /** Per conversion: its code, its place among the arguments of MAPPED_EVENTS or -1, and the largest value. */
  readonly codes: Uint8Array;
  readonly slots: Int8Array;
  readonly max: Float64Array;
}

function compile(name: MappedEvent, text: string, definition: EventDefinition): TextForm {
  const needed: readonly string[] = MAPPED_EVENTS[name];
  const { args } = definition;
  // 'addr 0x%x data 0x%x' -> 'addr ', 'x', ' data ', 'x', ''
  const pieces = text.split(/(?:0x)?%([xuds])/);
  const literals = pieces.filter((_, i) => i % 2 === 0);
  const codes = pieces.filter((_, i) => i % 2 === 1).map((letter) => CODES[letter] ?? STRING);
  if (codes.length !== args.length) throw new Error(`internal error: the text of ${name} doesn't fit its definition`);
  let end = 0;
  return {
    definition,
    literals: ascii(literals.join('')),
    literalEnds: Int32Array.from(literals, (literal) => (end += literal.length)),
    codes: Uint8Array.from(codes),
    slots: Int8Array.from(args, (arg) => needed.indexOf(arg.name)),
    max: Float64Array.from(args, (arg) => MAX_OF[arg.type]),
  };
}

function compileAll(): ReadonlyMap<MappedEvent, readonly TextForm[]> {
  const forms = new Map<MappedEvent, readonly TextForm[]>();
  for (const name of Object.keys(TEXTS).filter(isMapped)) {
    const texts = TEXTS[name];
    const definitions = definitionsOf(name);
    if (definitions.length !== texts.length) throw new Error(`internal error: ${name} needs a text per definition`);
    // The newest form is the likeliest.
    forms.set(name, definitions.map((definition, i) => compile(name, texts[i] ?? '', definition)).toReversed());
  }
  return forms;
}

export const FORMS = compileAll();

/** Reads the text of mapped events. One scanner belongs to one decoder. */
export class TextScanner {
  /** The arguments of the event that `scan` read last, in the order of MAPPED_EVENTS; NaN where it has none. */
  readonly args = new Float64Array(MAX_MAPPED_ARGS);
  /** The definition that its text fits; undefined when it fits none. */
  definition: EventDefinition | undefined;
  /** Why `scan` failed. */
  fault = '';

  /** Reads the text in [start, end) of an event. False with `fault` set when it isn't whole or a value is out of range. */
  scan(forms: readonly TextForm[], bytes: Uint8Array, start: number, end: number): boolean {
    this.definition = undefined;
    this.fault = 'the text is not that of the event';
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i]!;
      if (this.scanForm(form, bytes, start, end)) {
        this.definition = form.definition;
        return true;
      }
    }
    return false;
  }

  private scanForm(form: TextForm, bytes: Uint8Array, start: number, end: number): boolean {
    const { literals, literalEnds, codes, slots, max } = form;
    const { args } = this;
    for (let i = 0; i < MAX_MAPPED_ARGS; i++) args[i] = NaN;
    let tooLarge = -1;
    let at = start;
    let literal = 0;
    for (let i = 0; ; i++) {
      const literalEnd = literalEnds[i]!;
      if (at + literalEnd - literal > end) return false;
      for (; literal < literalEnd; literal++, at++) {
        if (bytes[at] !== literals[literal]) return false;
      }
      if (i === codes.length) break;
      const code = codes[i];
      let value = 0;
      const first = at;
      if (code === UNSIGNED) {
        for (; at < end; at++) {
          const digit = bytes[at]! - 0x30;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (at === first) return false;
      } else if (code === HEX) {
        at += 2;
        if (at >= end || bytes[first] !== 0x30 || bytes[first+1] !== 0x78) return false;
        for (; at < end; at++) {
          const byte = bytes[at]!;
          let digit = byte - 0x30;
          if (digit < 0 || digit > 9) { digit = byte - 0x61 + 10; if (digit < 10 || digit > 15) break; }
          value = value * 16 + digit;
        }
        if (at === first + 2) return false;
      } else if (code === SIGNED) {
        if (bytes[at] === 0x2d) at++;
        for (; at < end; at++) {
          const digit = bytes[at]! - 0x30;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (at === first) return false;
      } else {
        const stop = literals[literal];
        while (at < end && bytes[at] !== stop) at += 1;
        continue;
      }
      if (value > max[i]!) tooLarge = i;
      const slot = slots[i]!;
      if (slot >= 0) args[slot] = value;
    }
    if (at !== end) return false;
    if (tooLarge < 0) return true;
    this.fault = `${form.definition.args[tooLarge]?.name} is above ${max[tooLarge]}`;
    return false;
  }
}
