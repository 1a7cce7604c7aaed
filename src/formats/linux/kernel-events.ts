// The kernel's trace events that mean something here, by system and name, whatever the file format.
// [LINUX include/trace/events/, drivers/nvme/host/trace.h, arch/x86/kvm/trace.h]

/**
 * What becomes of an event's records.
 * - `message`: an interrupt message of any device, by destination and vector of the guest's CPU
 * - `setup-admin`: for queue 0, which it doesn't name; until Linux 4.18 nvme_setup_cmd was two events
 * - `mark`: text that a program wrote into the trace; decoders hand the text over, see `mark` in normalize.ts
 * - `count`: known and not needed; only counted, under its name
 */
export type KernelAction = 'setup' | 'setup-admin' | 'reap' | 'mmio' | 'fast-mmio' | 'message' | 'vm-exit' | 'vm-entry' | 'mark' | 'count';

export interface KernelEvent {
  /** As `trace` and `perf script` show it: `nvme`, `kvm`, ... */
  readonly system: string;
  readonly name: string;
  readonly action: KernelAction;
}

/**
 * Counted only, and why:
 * - nvme_sq: the CQE's SQ head and the driver's tail of that moment. The tail includes commands that nobody was told of,
 *   and neither is a doorbell; no normalized event says so little. nvme_complete_rq follows for each of them.
 * - irq_handler_*: when the guest's handler ran, not when the device signalled.
 */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  nvme: ['nvme_sq', 'nvme_async_event'],
  kvm: [
    'kvm_userspace_exit', 'kvm_page_fault', 'kvm_emulate_insn', 'kvm_inj_virq', 'kvm_pio', 'kvm_cpuid', 'kvm_msr',
    'kvm_apic', 'kvm_apic_accept_irq', 'kvm_apic_ipi', 'kvm_eoi', 'kvm_set_irq', 'kvm_ack_irq', 'kvm_halt_poll_ns', 'kvm_vcpu_wakeup',
    'kvm_hypercall', 'kvm_fpu', 'kvm_wait_lapic_expire',
  ],
  irq: ['irq_handler_entry', 'irq_handler_exit'],
  block: ['block_rq_issue', 'block_rq_complete', 'block_rq_insert', 'block_plug', 'block_unplug', 'block_getrq', 'block_bio_queue'],
};

/** Every event that is known. */
export const KERNEL_EVENTS: readonly KernelEvent[] = [
  { system: 'nvme', name: 'nvme_setup_cmd', action: 'setup' },
  { system: 'nvme', name: 'nvme_setup_admin_cmd', action: 'setup-admin' },
  { system: 'nvme', name: 'nvme_setup_nvm_cmd', action: 'setup' },
  { system: 'nvme', name: 'nvme_complete_rq', action: 'reap' },
  { system: 'kvm', name: 'kvm_mmio', action: 'mmio' },
  { system: 'kvm', name: 'kvm_fast_mmio', action: 'fast-mmio' },
  { system: 'kvm', name: 'kvm_msi_set_irq', action: 'message' },
  { system: 'kvm', name: 'kvm_exit', action: 'vm-exit' },
  { system: 'kvm', name: 'kvm_entry', action: 'vm-entry' },
  { system: 'ftrace', name: 'print', action: 'mark' },
  { system: 'ftrace', name: 'tracing_mark_write', action: 'mark' },
  ...Object.entries(COUNTED).flatMap(([system, names]) => names.map((name): KernelEvent => ({ system, name, action: 'count' }))),
];

const BY_NAME: ReadonlyMap<string, KernelEvent> = new Map(KERNEL_EVENTS.map((event) => [event.name, event]));

/** The event of that name, and of that system unless it is `undefined` because the capture doesn't tell. */
export function findKernelEvent(system: string | undefined, name: string): KernelEvent | undefined {
  const event = BY_NAME.get(name);
  return event !== undefined && (system === undefined || system === event.system) ? event : undefined;
}
