// Names of VM exit reasons as kvm_exit prints them. [LINUX arch/x86/include/uapi/asm/vmx.h, svm.h: VMX_EXIT_REASONS,
// SVM_EXIT_REASONS] trace-cmd's kvm plugin has names of its own for AMD, with EXIT_ in front. [libtraceevent plugin_kvm.c]

/** kvm_exit `isa`: which table a reason is from. */
export const ISA_VMX = 1;
export const ISA_SVM = 2;

export interface ExitReason {
  readonly isa: number;
  readonly reason: number;
}

type Rows = readonly (readonly [first: number, names: string])[];

/** Consecutive numbers from `first` on; `-` where a number has no name. */
const VMX: Rows = [
  [0, 'EXCEPTION_NMI EXTERNAL_INTERRUPT TRIPLE_FAULT INIT_SIGNAL SIPI_SIGNAL - - INTERRUPT_WINDOW NMI_WINDOW TASK_SWITCH CPUID'],
  [12, 'HLT INVD INVLPG RDPMC RDTSC - VMCALL VMCLEAR VMLAUNCH VMPTRLD VMPTRST VMREAD VMRESUME VMWRITE VMOFF VMON'],
  [28, 'CR_ACCESS DR_ACCESS IO_INSTRUCTION MSR_READ MSR_WRITE INVALID_STATE MSR_LOAD_FAIL - MWAIT_INSTRUCTION MONITOR_TRAP_FLAG'],
  [39, 'MONITOR_INSTRUCTION PAUSE_INSTRUCTION MCE_DURING_VMENTRY - TPR_BELOW_THRESHOLD APIC_ACCESS EOI_INDUCED GDTR_IDTR LDTR_TR'],
  [48, 'EPT_VIOLATION EPT_MISCONFIG INVEPT RDTSCP PREEMPTION_TIMER INVVPID WBINVD XSETBV APIC_WRITE RDRAND INVPCID VMFUNC ENCLS'],
  [61, 'RDSEED PML_FULL XSAVES XRSTORS - - UMWAIT TPAUSE'],
  [74, 'BUS_LOCK NOTIFY'],
];

const SVM: Rows = [
  [0x00, 'read_cr0 - read_cr2 read_cr3 read_cr4'],
  [0x08, 'read_cr8'],
  [0x10, 'write_cr0 - write_cr2 write_cr3 write_cr4'],
  [0x18, 'write_cr8'],
  [0x20, 'read_dr0 read_dr1 read_dr2 read_dr3 read_dr4 read_dr5 read_dr6 read_dr7'],
  [0x30, 'write_dr0 write_dr1 write_dr2 write_dr3 write_dr4 write_dr5 write_dr6 write_dr7'],
  [0x60, 'interrupt nmi smi init vintr cr0_sel_write read_idtr read_gdtr read_ldtr read_rt write_idtr write_gdtr write_ldtr write_rt'],
  [0x6e, 'rdtsc rdpmc pushf popf cpuid rsm iret swint invd pause hlt invlpg invlpga io msr task_switch ferr_freeze shutdown'],
  [0x80, 'vmrun hypercall vmload vmsave stgi clgi skinit rdtscp icebp wbinvd monitor mwait - xsetbv - write_efer_trap write_cr0_trap'],
  [0x94, 'write_cr4_trap - - - write_cr8_trap'],
  [0xa2, 'invpcid'],
  [0x400, 'npf avic_incomplete_ipi avic_unaccelerated_access vmgexit'],
  [0x8000_0001, 'vmgexit_mmio_read vmgexit_mmio_write vmgexit_nmi_complete vmgexit_ap_hlt_loop vmgexit_ap_jump_table'],
  [0x8000_0010, 'vmgexit_page_state_change vmgexit_guest_request vmgexit_ext_guest_request vmgexit_ap_creation'],
  [0x8000_fffd, 'vmgexit_hypervisor_feature'],
  [0xffff_ffff, 'invalid_guest_state'],
];

/** Names with a blank: the kernel's `PF excp`, by the exception's vector. */
const SVM_EXCEPTIONS: Rows = [[0x40, 'DE DB - BP OF BR UD NM DF - TS NP SS GP PF - MF AC MC XF']];

/** The plugin's names where they aren't the kernel's in capitals. */
const SVM_PLUGIN: Rows = [
  [0x40, 'EXIT_EXCP_BASE'],
  [0x60, 'EXIT_INTR'],
  [0x66, 'EXIT_IDTR_READ EXIT_GDTR_READ EXIT_LDTR_READ EXIT_TR_READ EXIT_IDTR_WRITE EXIT_GDTR_WRITE EXIT_LDTR_WRITE EXIT_TR_WRITE'],
  [0x7b, 'EXIT_IOIO'],
  [0x81, 'EXIT_VMMCALL'],
  [0xffff_ffff, 'EXIT_ERR'],
];

function entries(rows: Rows, isa: number, spelled: (name: string) => string): [string, ExitReason][] {
  return rows.flatMap(([first, names]) =>
    names.split(' ').flatMap((name, i): [string, ExitReason][] => (name === '-' ? [] : [[spelled(name), { isa, reason: first + i }]])),
  );
}

/** Every name, in all spellings. */
export const EXIT_REASONS: ReadonlyMap<string, ExitReason> = new Map([
  ...entries(VMX, ISA_VMX, (name) => name),
  ...entries(SVM, ISA_SVM, (name) => name),
  ...entries(SVM, ISA_SVM, (name) => `EXIT_${name.toUpperCase()}`),
  ...entries(SVM_EXCEPTIONS, ISA_SVM, (name) => `${name} excp`),
  ...entries(SVM_PLUGIN, ISA_SVM, (name) => name),
]);
