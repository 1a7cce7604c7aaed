// What QEMU's script simpletrace.py prints of a binary trace: users paste its text where the trace is too large to send.
// [QEMU-10.0 scripts/simpletrace.py]
//
//   pci_nvme_mmio_doorbell_sq 10.475 pid=24977 sqid=0x1 new_tail=0x1
//   Dropped_Event 0.000 pid=24977 num_events_dropped=0x2a
//
// The number is the time since the line before, in us with three decimals: the time of the first line isn't known.

import { AsciiCursor, SPACE, ascii } from '../../base/bytes.js';
import type { Clock } from '../../trace/event.js';
import { NS_PER_US } from '../../base/units.js';
import type { TraceFormat } from '../format.js';
import { wordAt } from './named.js';
import type { NamedStyle } from './named.js';
import { NamedLineDecoder, detectNamedLines } from './named-lines.js';
import type { NamedLine, NamedLineReader } from './named-lines.js';

const MAX_NAME_BYTES = 100;
const DASH = 0x2d;
const DOT = 0x2e;
const PID = ascii(' pid=');
const DROPPED_NAME = 'Dropped_Event';
const DROPPED_ARG = ascii('num_events_dropped=');

class SimpletraceLines implements NamedLineReader {
  readonly style: NamedStyle = { equals: '=', between: ' ' };
  readonly originNs = 0n;
  private timeNs = NaN;
  private readonly cursor = new AsciiCursor();

  get clock(): Clock {
    return Number.isNaN(this.timeNs) ? 'none' : 'trace';
  }

  read(bytes: Uint8Array, start: number, end: number): NamedLine | undefined {
    const { cursor } = this;
    const name = wordAt(bytes, start, end, SPACE, MAX_NAME_BYTES);
    cursor.reset(bytes, start + name.length, end);
    if (name === '' || !cursor.byte(SPACE)) return undefined;
    const sign = cursor.byte(DASH) ? -1 : 1;
    const micros = cursor.decimal();
    if (!cursor.byte(DOT)) return undefined;
    const fraction = cursor.digits(3);
    const deltaNs = sign * (micros * NS_PER_US + fraction);
    if (Number.isNaN(deltaNs) || !cursor.literal(PID)) return undefined;
    const pid = cursor.decimal();
    if (!Number.isSafeInteger(pid) || (cursor.at < end && !cursor.byte(SPACE))) return undefined;
    const timeNs = Number.isNaN(this.timeNs) ? 0 : this.timeNs + deltaNs;
    const fits = Number.isSafeInteger(timeNs);
    if (fits) this.timeNs = timeNs;
    const line = { name, timeNs: fits ? timeNs : NaN, pid, argsStarts: [cursor.at], argsEnd: end };
    if (name !== DROPPED_NAME || !cursor.literal(DROPPED_ARG)) return { ...line, lost: undefined };
    const lost = cursor.hex();
    return Number.isNaN(lost) || cursor.at !== end ? undefined : { ...line, lost };
  }
}

/** Text of QEMU's simpletrace script, NVMe device events. */
export const qemuSimpletraceText: TraceFormat = {
  id: 'qemu-simpletrace-text',
  title: 'simpletrace.py: NVMe device events of a QEMU binary trace, printed by the script delivered with QEMU',
  detect: (head) => detectNamedLines(head, 'lines of simpletrace.py with events', new SimpletraceLines()),
  open: (target) => new NamedLineDecoder(target, new SimpletraceLines()),
};
