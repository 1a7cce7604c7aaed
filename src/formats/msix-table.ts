// The MSI-X table of a controller, as its driver writes it: which message stands for which vector at the moment.
// [PCIe] 7.7.2, [SDM-3] 11.11 (message address and data on x86)
//
//   entry: message address(4), its upper half(4), message data(4), vector control(4); bit 0 of the control: masked
//
// The table is taken to begin at the page to which the first message address (FEEx_xxxxh) is written: it has pages of its own.
// A driver moves a vector to another CPU by writing its entry anew, so the table is asked message by message.

const PAGE = 0x1000;
const ENTRY_BYTES = 16;
/** [PCIe] 7.7.2.2: Table Size. */
const MAX_ENTRIES = 2048;
const ADDRESS = 0;
const ADDRESS_HIGH = 4;
const DATA = 8;
const ADDRESS_BASE = 0xfee0_0000;
const ADDRESS_MASK = 0xfff0_0000;
const MASKED = 1;

interface Entry {
  address: number;
  addressHigh: number;
  data: number;
  control: number;
}

/** A message by its destination, the identifier of a local APIC, and the vector that it raises there. */
export function messageKey(destination: number, vector: number): number {
  return destination * 256 + vector;
}

/** The key of a message by what the device writes where. */
export function keyOfMessage(address: number, addressHigh: number, data: number): number {
  // Bits 31:8 of the upper half are the upper bits of an x2APIC destination. [LINUX arch/x86/include/asm/msi.h]
  return messageKey(((address >>> 12) & 0xff) + Math.floor(addressHigh / 256) * 256, data & 0xff);
}

/** One table. Writes must come in the order of the capture. */
export class MsixTable {
  private start = NaN;
  private readonly entries = new Map<number, Entry>();

  /** Takes a write of 4 bytes at an offset in the BAR, behind the doorbells. */
  write(offset: number, value: number): void {
    if (Number.isNaN(this.start)) {
      if (offset % ENTRY_BYTES !== ADDRESS || !isMessageAddress(value)) return;
      this.start = offset - (offset % PAGE);
    }
    const vector = Math.floor((offset - this.start) / ENTRY_BYTES);
    if (!(vector >= 0 && vector < MAX_ENTRIES)) return;
    let entry = this.entries.get(vector);
    if (entry === undefined) {
      entry = { address: NaN, addressHigh: 0, data: NaN, control: 0 };
      this.entries.set(vector, entry);
    }
    const part = offset % ENTRY_BYTES;
    if (part === ADDRESS) entry.address = value;
    else if (part === ADDRESS_HIGH) entry.addressHigh = value;
    else if (part === DATA) entry.data = value;
    else entry.control = value;
  }

  /** The vector whose message has this key; undefined when it is no vector's, or that of several. */
  vectorOf(key: number): number | undefined {
    let found: number | undefined;
    for (const [vector, { address, addressHigh, data, control }] of this.entries) {
      if ((control & MASKED) !== 0 || !isMessageAddress(address) || keyOfMessage(address, addressHigh, data) !== key) continue;
      if (found !== undefined) return undefined;
      found = vector;
    }
    return found;
  }
}

function isMessageAddress(value: number): boolean {
  return (value & ADDRESS_MASK) >>> 0 === ADDRESS_BASE;
}
