// Device events printed by argument name, as the tools that read QEMU's binary traces print them:
//
//   cid=0x4 nsid=0x1 sqid=0x1 opcode=0x2 opname=b'NVME_NVM_CMD_READ'               QEMU's simpletrace script
//   cid = 11, nsid = 0x1, sqid = 1, opcode = 0x2, opname = "NVME_NVM_CMD_READ"     babeltrace, of LTTng traces
//
// Numbers are hexadecimal behind 0x, in either case, else decimal; babeltrace prints what QEMU's own format prints in hex so.

import { AsciiCursor, ascii, indexOfLiteral, latin1 } from '../../base/bytes.js';
import { definitionsOf } from './events.js';
import type { EventDefinition } from './events.js';
import { KNOWN_EVENTS } from './names.js';
import type { KnownEvent } from './names.js';
import { MAPPED_EVENTS, MAX_MAPPED_ARGS } from './mapped.js';
import { MAX_OF } from './text.js';

/** How a tool separates names, values and arguments. */
export interface NamedStyle {
  readonly equals: string;
  readonly between: string;
}

interface NamedArg {
  readonly name: string;
  /** `between` (not before the first), the name, `equals`. */
  readonly literal: Uint8Array;
  readonly isString: boolean;
  readonly slot: number;
  readonly max: number;
}

interface NamedForm {
  readonly definition: EventDefinition;
  readonly args: readonly NamedArg[];
}

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const DASH = 0x2d;
const BACKSLASH = 0x5c;
const LETTER_B = 0x62;

/** Reads named arguments. One reader belongs to one decoder. */
export class NamedReader {
  /** The arguments that `read` saw last, in the order of MAPPED_EVENTS; NaN where the definition has none. */
  readonly args = new Float64Array(MAX_MAPPED_ARGS);
  /** The definition that they fit. */
  definition: EventDefinition | undefined;
  /** Why `read` failed. */
  fault = '';
  private readonly style: NamedStyle;
  private readonly events: ReadonlyMap<string, KnownEvent> = new Map(KNOWN_EVENTS.map((event) => [event.fullName, event]));
  private readonly forms = new Map<KnownEvent, readonly NamedForm[]>();
  private readonly cursor = new AsciiCursor();

  constructor(style: NamedStyle) {
    this.style = style;
  }

  /** The event of a full name, or undefined. */
  find(name: string): KnownEvent | undefined {
    return this.events.get(name);
  }

  /** Reads the arguments in [start, end) of an event. False with `fault` set when they are not its own or a value is out of range. */
  read(event: KnownEvent, bytes: Uint8Array, start: number, end: number): boolean {
    this.fault = 'the arguments are not those of the event';
    this.definition = undefined;
    for (const form of this.formsOf(event)) {
      this.cursor.reset(bytes, start, end);
      if (!this.readForm(form)) continue;
      this.definition = form.definition;
      return true;
    }
    return false;
  }

  private formsOf(event: KnownEvent): readonly NamedForm[] {
    let forms = this.forms.get(event);
    if (forms === undefined) {
      const definitions = definitionsOf(event.fullName.replace(/^(?:pci_)?nvme_/, ''));
      forms = definitions.map((definition) => this.compile(event, definition)).toReversed();
      this.forms.set(event, forms);
    }
    return forms;
  }

  private compile(event: KnownEvent, definition: EventDefinition): NamedForm {
    const needed: readonly string[] = event.mapped === undefined ? [] : MAPPED_EVENTS[event.mapped];
    const { equals, between } = this.style;
    const args = definition.args.map(({ name, type }, i) => ({
      name,
      literal: ascii(`${i === 0 ? '' : between}${name}${equals}`),
      isString: type === 'str',
      slot: needed.indexOf(name),
      max: event.mapped === undefined ? Infinity : MAX_OF[type],
    }));
    return { definition, args };
  }

  private readForm({ args }: NamedForm): boolean {
    const { cursor } = this;
    this.args.fill(NaN);
    for (const [i, arg] of args.entries()) {
      if (!cursor.literal(arg.literal)) return false;
      if (arg.isString) {
        if (!this.skipString(args[i + 1])) return false;
        continue;
      }
      const hex = cursor.hex();
      const value = Number.isNaN(hex) ? this.decimal() : hex;
      if (Number.isNaN(value)) return false;
      if (Math.abs(value) > arg.max) {
        this.fault = `${arg.name} is above ${arg.max}`;
        return false;
      }
      if (arg.slot >= 0) this.args[arg.slot] = value;
    }
    return cursor.at === cursor.end;
  }

  private decimal(): number {
    const negative = this.cursor.byte(DASH);
    const value = this.cursor.decimal();
    return negative ? -value : value;
  }

  /** `"..."` or `'...'` with escapes, perhaps behind a b; old scripts print the string as it is, up to the next argument. */
  private skipString(next: NamedArg | undefined): boolean {
    const { cursor } = this;
    const { bytes, end } = cursor;
    const quoteAt = bytes[cursor.at] === LETTER_B ? cursor.at + 1 : cursor.at;
    const quote = quoteAt < end ? bytes[quoteAt] : undefined;
    if (quote === QUOTE || quote === DOUBLE_QUOTE) {
      let at = quoteAt + 1;
      while (at < end && bytes[at] !== quote) at += bytes[at] === BACKSLASH ? 2 : 1;
      cursor.at = at + 1;
      return at < end;
    }
    const stop = next === undefined ? -1 : indexOfLiteral(bytes, cursor.at, end, next.literal);
    cursor.at = stop === -1 ? end : stop;
    return true;
  }
}

/** The first word of [start, end), at most `maxBytes` long. */
export function wordAt(bytes: Uint8Array, start: number, end: number, stop: number, maxBytes = 100): string {
  const last = Math.min(end, start + maxBytes);
  let at = start;
  while (at < last && bytes[at] !== stop) at += 1;
  return latin1(bytes, start, at);
}
