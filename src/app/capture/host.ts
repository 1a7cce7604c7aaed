// Captures of KVM on the host, and of several sides at once.
// [LINUX arch/x86/kvm/trace.h, include/trace/events/kvm.h; trace-cmd-record(1)]

import type { Recipe } from './recipe.js';

export const HOST_RECIPES: readonly Recipe[] = [
  {
    kind: 'kvm',
    title: "the host's KVM events: each VM exit and what it cost",
    where: 'host',
    formats: ['trace-dat', 'ftrace'],
    shows: 'Each register write that exits with its address and value, and the time from exit to entry, from which the cost of a write is fitted; interrupts that were injected.',
    lacks: 'Commands, shadow doorbells, and doorbells that do not exit. It cannot be replayed alone: join it with QEMU\'s log.',
    replays: false,
    commands: [
      '# as root',
      'THREADS=$(ls /proc/$QEMU_PID/task | paste -sd,)',
      'trace-cmd record -C mono -b 65536 -e kvm:kvm_mmio -e kvm:kvm_fast_mmio -e kvm:kvm_exit -e kvm:kvm_entry -e kvm:kvm_msi_set_irq -P $THREADS -o host.dat sleep 10',
      "# only the device's registers, with less load; both addresses as lspci -v in the guest prints the BAR, 16 KiB of it:",
      'trace-cmd record -C mono -b 65536 -e kvm:kvm_mmio -f "gpa >= $FIRST_ADDRESS && gpa <= $LAST_ADDRESS" -P $THREADS -o host.dat sleep 10',
    ],
    ingest: ['bellwether ingest host.dat', 'bellwether ingest host.dat --bar 0xfebd4000'],
    pitfalls: [
      'kvm_mmio names no guest: trace the threads of one QEMU, or two guests are one. -P takes thread ids, and exits are on the threads of the vCPUs: the id of the process alone records none of them.',
      'BAR0 is found by the accesses of the driver\'s start, or by eight doorbells that advance; other devices may look alike. --bar names it.',
      'An exit whose time is missing (kvm_exit or kvm_entry not recorded, or lost) counts as a write without a cost.',
      'Where an eventfd takes a write of any length (kvm_fast_mmio), the value is not recorded.',
      'A device that is passed through (vfio) does not exit on doorbells: there is nothing to see.',
      'Exits come hundreds of thousands a second: mind the overrun that trace-cmd prints at its end.',
    ],
  },
  {
    kind: 'three-views',
    title: 'one run from three sides: guest, KVM and QEMU, on one timeline',
    where: 'host',
    formats: ['qemu-log', 'trace-dat', 'ftrace'],
    shows: 'Whole lives: built, rung or suppressed, exited, fetched, completed, interrupted, consumed.',
    lacks: 'What the vCPU did between two events.',
    replays: true,
    commands: [
      '# 1. QEMU, started with',
      "$QEMU_COMMAND -trace 'pci_nvme*' -msg timestamp=on -D qemu.log &",
      '# 2. on the host, as root',
      'THREADS=$(ls /proc/$QEMU_PID/task | paste -sd,)',
      'trace-cmd record -C mono -b 65536 -e kvm:kvm_mmio -e kvm:kvm_exit -e kvm:kvm_entry -e kvm:kvm_msi_set_irq -P $THREADS -o host.dat sleep 10',
      '# 3. in the guest at the same time, as root',
      'trace-cmd record -C mono -b 16384 -e nvme -o guest.dat $WORKLOAD',
    ],
    ingest: ['bellwether ingest qemu.log host.dat guest.dat --join --name run1'],
    pitfalls: [
      'All three must overlap; the clocks need not agree: offset and drift are fitted from what two of them saw, and the residual is printed.',
      'Each capture slows the run. What the three show is one run, a slower one than without them.',
      'Captures of different runs are refused, since nothing in them fits.',
    ],
  },
  {
    kind: 'off-on',
    title: 'the same workload without and with shadow doorbells, to test a prediction',
    where: 'host',
    formats: ['qemu-log'],
    shows: 'What shadow doorbells really saved, beside what the replay says that they would.',
    lacks: 'Nothing more than qemu-log.',
    replays: true,
    commands: [
      '# QEMU 10.0 or later can switch Doorbell Buffer Config off',
      "$QEMU_COMMAND -device nvme,drive=$DRIVE,serial=1,dbcs=off -trace 'pci_nvme*' -msg timestamp=on -D off-1.log",
      "$QEMU_COMMAND -device nvme,drive=$DRIVE,serial=1 -trace 'pci_nvme*' -msg timestamp=on -D on-1.log",
    ],
    ingest: ['bellwether ingest off-1.log on-1.log', 'bellwether validate off-1 --against on-1'],
    pitfalls: [
      'One run of each tells little: in the bundled set, runs of one workload differ by 0.05 to 0.2 of the saved fraction. Make several; --against takes them all.',
      'Keep all else the same: the number of commands, not the seconds; the pinning of vCPUs and of QEMU; nothing else on the host.',
      'Before QEMU 10.0 there is no dbcs property. A guest with Linux 4.11 or older does not use shadow doorbells; nor does QEMU before 7.1 offer them.',
    ],
  },
];
