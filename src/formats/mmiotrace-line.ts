// One line of an mmiotrace log. [LINUX-6.12 kernel/trace/trace_mmiotrace.c] mmio_print_rw, mmio_print_map,
// mmio_print_mark, mmio_print_pcidev; Documentation/trace/mmiotrace.rst
//
//   VERSION 20070824
//   PCIDEV 0018 1b360010 b febf0004 0 0 0 0 0 0 4000 0 0 0 0 0 0 nvme   bus-devfn vendor-device irq, 7 bases, 7 sizes, driver
//   MAP 7.141426 1 0xfebf0000 0xffffcacbc01da000 0x2000 0x0 0           time, map id, physical, virtual, length, PC, PID
//   UNMAP 7.169578 2 0x0 0                                              time, map id, PC, PID
//   W 4 7.162613 1 0xfebf1000 0x1 0x0 0                                 width, time, map id, physical, value, PC, PID
//   UNKNOWN 7.2 1 0xfebf1000 f,ae,f0 0x0 0                              an instruction that mmiotrace can't take apart
//   MARK 8.381716 review marker
//   MARK 0.000000 Lost 12 events.                                       before this place, nobody knows where
//   CPU:0 [LOST 12 EVENTS]                                              the same, from the ring buffer

/** The version that this describes; there has been no other. */
export const MMIOTRACE_VERSION = '20070824';

export interface LineTime {
  readonly seconds: number;
  readonly microseconds: number;
}

export type MmiotraceLine =
  | { readonly kind: 'access'; readonly time: LineTime; readonly write: boolean; readonly size: number; readonly address: number; readonly value: number }
  | { readonly kind: 'map'; readonly time: LineTime; readonly address: number; readonly length: number }
  | { readonly kind: 'pcidev'; readonly base: number; readonly size: number; readonly memory: boolean; readonly driver: string }
  | { readonly kind: 'mark'; readonly time: LineTime }
  /** `events` is NaN when the line doesn't say how many. */
  | { readonly kind: 'lost'; readonly events: number }
  | { readonly kind: 'version'; readonly version: string }
  /** Counted under the name. */
  | { readonly kind: 'ignored'; readonly name: string }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'rejected'; readonly reason: string };

export const BLANK = '(blank)';
export const OTHER_TEXT = '(other text)';

const HEX = '0x[0-9a-f]{1,16}';
const TIME = String.raw`(\d{1,12})\.(\d{6})`;
/** Behind the fields of all records but MARK: the program counter, the process. */
const TAIL = String.raw`${HEX} -?\d+`;

const ACCESS = new RegExp(`^[RW] ([1248]) ${TIME} \\d+ (${HEX}) (${HEX}) ${TAIL}$`);
const MAP = new RegExp(`^MAP ${TIME} \\d+ (${HEX}) ${HEX} (${HEX}) ${TAIL}$`);
const UNMAP = new RegExp(`^UNMAP ${TIME} \\d+ ${TAIL}$`);
const UNKNOWN = new RegExp(`^UNKNOWN ${TIME} \\d+ ${HEX} [0-9a-f]{1,2},[0-9a-f]{1,2},[0-9a-f]{1,2} ${TAIL}$`);
const MARK = new RegExp(`^MARK ${TIME} `);
const PCIDEV = /^PCIDEV [0-9a-f]{4} [0-9a-f]{8} [0-9a-f]+((?: [0-9a-f]{1,16}){14})(?: (\S*))?$/;
const VERSION = /^VERSION (\d+)$/;
const LOST_MARK = /^MARK 0\.000000 Lost (\d{1,15}) events\.$/;
const LOST_BUFFER = /^CPU:\d+ \[LOST (?:(\d{1,15}) )?EVENTS\]$/;
/** Keywords that a newer kernel may add are like those that there are. */
const KEYWORD = /^[A-Z]{3,12} [\d.]+ /;

/** Bits 3:0 of a memory BAR are flags; bit 0 tells I/O from memory. [PCI-3.0] 6.2.5.1 */
const BAR_FLAG_BITS = 16;

/** Reads a line without its newline. A line without one may have been cut off. */
export function readMmiotraceLine(text: string, terminated: boolean): MmiotraceLine {
  const line = classify(text);
  const broken = line.kind === 'rejected' || (line.kind === 'ignored' && line.name === OTHER_TEXT);
  return broken && !terminated ? { kind: 'rejected', reason: 'the last line is cut off' } : line;
}

function classify(text: string): MmiotraceLine {
  const blank = text.indexOf(' ');
  switch (blank === -1 ? text : text.slice(0, blank)) {
    case 'R':
    case 'W':
      return access(text);
    case 'MAP':
      return map(text);
    case 'UNMAP':
      return UNMAP.test(text) ? { kind: 'ignored', name: 'UNMAP' } : rejected('UNMAP');
    case 'UNKNOWN':
      return UNKNOWN.test(text) ? { kind: 'ignored', name: 'UNKNOWN' } : rejected('UNKNOWN');
    case 'MARK':
      return mark(text);
    case 'PCIDEV':
      return pcidev(text);
    case 'VERSION': {
      const version = VERSION.exec(text)?.[1];
      return version === undefined ? rejected('VERSION') : { kind: 'version', version };
    }
    case 'LSPCI':
      return { kind: 'ignored', name: 'LSPCI' };
    default:
      return other(text);
  }
}

function rejected(keyword: string, why = 'the fields are not those of the record'): MmiotraceLine {
  return { kind: 'rejected', reason: `${keyword}: ${why}` };
}

function access(text: string): MmiotraceLine {
  const found = ACCESS.exec(text);
  if (found === null) return rejected(text.slice(0, 1));
  const size = Number(found[1]);
  const address = Number(found[4]);
  if (!Number.isSafeInteger(address)) return rejected(text.slice(0, 1), 'the address is above 2^53');
  // The kernel may leave the upper bytes of its register in a narrow value.
  const value = Number(BigInt.asUintN(8 * size, BigInt(found[5]!)));
  return { kind: 'access', time: time(found[2], found[3]), write: text.startsWith('W'), size, address, value };
}

function map(text: string): MmiotraceLine {
  const found = MAP.exec(text);
  return found === null
    ? rejected('MAP')
    : { kind: 'map', time: time(found[1], found[2]), address: Number(found[3]), length: Number(found[4]) };
}

function mark(text: string): MmiotraceLine {
  const lost = LOST_MARK.exec(text);
  if (lost !== null) return { kind: 'lost', events: Number(lost[1]) };
  const found = MARK.exec(text);
  return found === null ? rejected('MARK') : { kind: 'mark', time: time(found[1], found[2]) };
}

function pcidev(text: string): MmiotraceLine {
  const found = PCIDEV.exec(text);
  if (found === null) return rejected('PCIDEV');
  const numbers = found[1]!.trim().split(' ').map((hex) => Number.parseInt(hex, 16));
  const [base = 0] = numbers;
  const size = numbers[7] ?? 0;
  return { kind: 'pcidev', base: base - (base % BAR_FLAG_BITS), size, memory: base % 2 === 0 && size > 0, driver: found[2] ?? '' };
}

function other(text: string): MmiotraceLine {
  const lost = LOST_BUFFER.exec(text);
  if (lost !== null) return { kind: 'lost', events: lost[1] === undefined ? NaN : Number(lost[1]) };
  if (KEYWORD.test(text)) return { kind: 'unknown', name: text.slice(0, text.indexOf(' ')) };
  return { kind: 'ignored', name: text.trim() === '' ? BLANK : OTHER_TEXT };
}

function time(seconds: string | undefined, microseconds: string | undefined): LineTime {
  return { seconds: Number(seconds), microseconds: Number(microseconds) };
}
