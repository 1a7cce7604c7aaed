// The printed text of QEMU's NVMe device events: `<event name> <text>`, the text from a printf format.
// [QEMU] hw/block/trace-events, hw/nvme/trace-events. Only mapped events have their text here; of the others
// the name suffices. The same text stands in the log, ftrace and syslog backends, behind different prefixes.

import { DIGIT_VALUES, ascii } from '../../base/bytes.js';
import { definitionsOf } from './events.js';
import type { ArgType, EventDefinition } from './events.js';
import { MAPPED_EVENTS, MAX_MAPPED_ARGS } from './mapped.js';
import type { MappedEvent } from './mapped.js';

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
export const MAX_OF: Readonly<Record<ArgType, number>> = {
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

/** What stands behind a literal, besides numbers of base 10 and 16. */
const STRING = 0;
const NOTHING = -1;
const BASES: Readonly<Record<string, number>> = { x: 16, u: 10, d: 10, s: STRING };

/** A literal and the argument behind it. */
interface Step {
  readonly literal: Uint8Array;
  /** The base of a number, STRING or NOTHING. */
  readonly base: number;
  /** The argument's place among those of MAPPED_EVENTS, -1 when it isn't needed. */
  readonly slot: number;
  readonly max: number;
  readonly argName: string;
  /** For a string: the byte that ends it. */
  readonly stop: number;
}

/** The text of one definition of an event, cut into steps. */
export interface TextForm {
  readonly definition: EventDefinition;
  readonly steps: readonly Step[];
}

function compile(name: MappedEvent, text: string, definition: EventDefinition): TextForm {
  const needed: readonly string[] = MAPPED_EVENTS[name];
  // 'addr 0x%x size %d' -> 'addr 0x', 'x', ' size ', 'd', ''
  const pieces = text.split(/%([xuds])/);
  if (pieces.length !== 2 * definition.args.length + 1) throw new Error(`internal error: the text of ${name} has other arguments`);
  const steps = pieces.flatMap((piece, i): Step[] => {
    if (i % 2 === 1) return [];
    const arg = definition.args[i / 2];
    return [
      {
        literal: ascii(piece),
        base: BASES[pieces[i + 1] ?? ''] ?? NOTHING,
        slot: arg === undefined ? -1 : needed.indexOf(arg.name),
        max: arg === undefined ? NaN : MAX_OF[arg.type],
        argName: arg?.name ?? '',
        stop: pieces[i + 2]?.charCodeAt(0) ?? 0,
      },
    ];
  });
  return { definition, steps };
}

/** The forms of a mapped event's text, newest first. */
export function formsOf(name: MappedEvent): readonly TextForm[] {
  const texts = TEXTS[name];
  const definitions = definitionsOf(name);
  if (definitions.length !== texts.length) throw new Error(`internal error: ${name} needs a text per definition`);
  return definitions.map((definition, i) => compile(name, texts[i] ?? '', definition)).toReversed();
}

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
      if (!this.scanForm(form, bytes, start, end)) continue;
      this.definition = form.definition;
      return true;
    }
    return false;
  }

  /** One loop without calls: the hottest code of the decoder, and too large for V8 to inline what it would call. */
  private scanForm(form: TextForm, bytes: Uint8Array, start: number, end: number): boolean {
    const { steps } = form;
    const { args } = this;
    for (let i = 0; i < MAX_MAPPED_ARGS; i++) args[i] = NaN;
    let at = start;
    let tooLarge: Step | undefined;
    for (let n = 0; n < steps.length; n++) {
      const step = steps[n]!;
      const { literal, base } = step;
      const { length } = literal;
      if (at + length > end) return false;
      for (let i = 0; i < length; i++) {
        if (bytes[at + i] !== literal[i]) return false;
      }
      at += length;
      if (base === NOTHING) break;
      const first = at;
      if (base === STRING) {
        while (at < end && bytes[at] !== step.stop) at += 1;
        continue;
      }
      let value = 0;
      for (; at < end; at++) {
        const digit = DIGIT_VALUES[bytes[at]!]!;
        if (digit >= base) break;
        value = value * base + digit;
      }
      if (at === first) return false;
      if (value > step.max) tooLarge = step;
      if (step.slot >= 0) args[step.slot] = value;
    }
    if (at !== end) return false;
    if (tooLarge === undefined) return true;
    this.fault = `${tooLarge.argName} is above ${tooLarge.max}`;
    return false;
  }
}
