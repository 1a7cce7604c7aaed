// Synthetic lines of a QEMU log: reads on one queue pair, each a doorbell, a fetch, a completion, a doorbell.

/** Lines that `reads` yields for a command. */
export const LINES_PER_READ = 4;

/** The lines of `count` reads from number `first` on, one microsecond apart; every line yields one event. */
export function reads(count: number, first = 0): string {
  const lines: string[] = [];
  for (let n = first; n < first + count; n++) {
    const ring = (n + 1) % 1024;
    line(`pci_nvme_mmio_doorbell_sq sqid 1 new_tail ${ring}`);
    line(`pci_nvme_io_cmd cid ${n % 65536} nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'`);
    line(`pci_nvme_enqueue_req_completion cid ${n % 65536} cqid 1 dw0 0x0 dw1 0x0 status 0x0`);
    line(`pci_nvme_mmio_doorbell_cq cqid 1 new_head ${ring}`);
  }
  return lines.join('');

  function line(text: string): void {
    const us = lines.length + first * LINES_PER_READ;
    const fraction = String(us % 1_000_000).padStart(6, '0');
    lines.push(`4242@${1_700_000_000 + Math.floor(us / 1_000_000)}.${fraction}:${text}\n`);
  }
}

/** A well-formed line of a name that no table knows. */
export const UNKNOWN_LINE = '4242@1700000000.000000:pci_nvme_frobnicate qid 1\n';
/** A line of a known event whose arguments can't be understood. */
export const REJECTED_LINE = '4242@1700000000.000000:pci_nvme_mmio_doorbell_sq sqid one new_tail two\n';
/** A line that is known and not needed. */
export const IGNORED_LINE = '4242@1700000000.000000:pci_nvme_mmio_cfg wrote MMIO, config controller config=0x460000\n';
