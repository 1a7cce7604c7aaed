// Controller registers in BAR0 below the doorbells. [NVMe-PCIe-1.0] figure 4, [NVMe-2.0] 3.1.3

export const REGISTERS = {
  CAP: 0x00,
  CAP_HI: 0x04,
  VS: 0x08,
  INTMS: 0x0c,
  INTMC: 0x10,
  CC: 0x14,
  CSTS: 0x1c,
  NSSR: 0x20,
  AQA: 0x24,
  ASQ: 0x28,
  ASQ_HI: 0x2c,
  ACQ: 0x30,
  ACQ_HI: 0x34,
  CMBLOC: 0x38,
  CMBSZ: 0x3c,
} as const;

/** Entries of the admin submission queue from AQA: ASQS, bits 11:0, 0-based. [NVMe-2.0] 3.1.3.8 */
export function adminSqDepth(aqa: number): number {
  return (aqa & 0xfff) + 1;
}

/** Entries of the admin completion queue from AQA: ACQS, bits 27:16, 0-based. [NVMe-2.0] 3.1.3.8 */
export function adminCqDepth(aqa: number): number {
  return ((aqa >>> 16) & 0xfff) + 1;
}

/** Bytes of a memory page from CC: 2 ^ (12 + MPS), MPS in bits 10:7. [NVMe-2.0] 3.1.3.5 */
export function pageBytes(cc: number): number {
  return 2 ** (12 + ((cc >>> 7) & 0xf));
}
