// How a doorbell write reaches the device, and what it costs. The vCPU's cost and the delay until the device
// can know are separate: an eventfd is cheap for the vCPU and still needs the other thread to wake up
// (that wake-up belongs to the device, see ServiceTimes.wakeNs).

export interface Transport {
  readonly name: string;
  /** Time that the vCPU spends on one register write, in ns. */
  readonly vcpuNs: number;
  /** Time from the write to its arrival at the device, in ns; at most vcpuNs, so that writes never arrive behind newer shadow values. */
  readonly deliveryNs: number;
  /** Whether the write is made under the device's lock, and waits while the device works. */
  readonly needsLock: boolean;
  /** Where the figures come from. */
  readonly source: string;
}

/** Every transport that can be named. */
export const TRANSPORTS: readonly Transport[] = [
  {
    name: 'userspace-exit',
    vcpuNs: 6_500,
    deliveryNs: 5_000,
    needsLock: true,
    source: 'QEMU June 2022 at queue depth 1: 5.4 us per avoided write; published range 3..9 us',
  },
  {
    name: 'ioeventfd',
    vcpuNs: 1_000,
    deliveryNs: 700,
    needsLock: false,
    source: 'one light exit of 1000..1600 cycles plus signalling: 0.7..1.5 us',
  },
  {
    name: 'mapped-bar',
    vcpuNs: 100,
    deliveryNs: 100,
    needsLock: false,
    source: 'no exit: an uncached store to shared memory',
  },
  {
    name: 'nested-exit',
    vcpuNs: 15_000,
    deliveryNs: 5_000,
    needsLock: true,
    source: 'nested userspace exit, 44.8 k cycles (KVM: VMX optimizations, June 2019)',
  },
];
