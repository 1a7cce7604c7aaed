// How a doorbell write reaches the device, and what it costs. Three times are apart: what the vCPU spends, the delay until the
// device can know, and what waking the device takes on top of what the recording shows. An eventfd is cheap for the vCPU, and
// the other thread still has to wake up; that wake-up itself belongs to the device, see ServiceTimes.wakeNs.

export interface Transport {
  readonly name: string;
  /** Time that the vCPU spends on one register write, in ns. */
  readonly vcpuNs: number;
  /** Time from the write to its arrival at the device, in ns; at most vcpuNs, so that writes never arrive behind newer shadow values. */
  readonly deliveryNs: number;
  /** What a wake-up of the device takes more than the recorded ones, in ns; 0 when left out. */
  readonly wakeNs?: number;
  /** Whether the write is made under the device's big lock, if it has one, and waits while the device works. */
  readonly needsLock: boolean;
  /** False: the write lands in memory and wakes nobody, so that only a device that polls finds it. */
  readonly notifies?: boolean;
  /** False: the device learns that a doorbell was written, and the value from the shadow doorbell alone. */
  readonly carriesValue?: boolean;
  /** Where the figures come from. */
  readonly source: string;
}

/** Every transport that can be named. */
export const TRANSPORTS: readonly Transport[] = [
  {
    name: 'userspace-exit',
    vcpuNs: 5_400,
    deliveryNs: 4_200,
    needsLock: true,
    source: 'QEMU June 2022 at queue depth 1: 5.4 us per avoided write; published range 3..9 us',
  },
  {
    name: 'ioeventfd',
    vcpuNs: 1_000,
    deliveryNs: 700,
    needsLock: false,
    carriesValue: false,
    source: 'one light exit of 1000..1600 cycles plus signalling: 0.7..1.5 us; the value is lost, so shadow doorbells only',
  },
  {
    name: 'shadow-ioeventfd',
    vcpuNs: 1_100,
    deliveryNs: 800,
    needsLock: false,
    source: 'libvfio-user shadow_ioeventfd.md: as ioeventfd, and KVM stores the value in shared memory; 0.1 us assumed for the store',
  },
  {
    name: 'forwarded',
    vcpuNs: 9_000,
    deliveryNs: 9_000,
    wakeNs: 5_000,
    needsLock: true,
    source: 'vfio-user message to another process; no published figure: the upper end of 3..9 us for an exit to userspace with a send; 5 us assumed for the socket on the way to the poll group',
  },
  {
    name: 'mapped-bar',
    vcpuNs: 100,
    deliveryNs: 100,
    needsLock: false,
    notifies: false,
    source: 'no exit: a store to shared memory, which only a polling device finds',
  },
  {
    name: 'nested-exit',
    vcpuNs: 15_000,
    deliveryNs: 5_000,
    wakeNs: 15_000,
    needsLock: true,
    source: 'nested userspace exit, 44.8 k cycles (KVM: VMX optimizations, June 2019); wake-up: an IPI of 3.3..4.2 k cycles, 12..13 times that when nested',
  },
  {
    name: 'arm-exit',
    vcpuNs: 20_200,
    deliveryNs: 15_000,
    needsLock: true,
    source: 'Arm Juno r2, kvm-unit-tests: an MMIO access handled in userspace takes 20.2 us',
  },
];
