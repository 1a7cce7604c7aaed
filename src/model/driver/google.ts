// The driver of the proposal of 22 July 2014, "NVMe Vendor Extension for Improved Virtualization", with its weaknesses, and what
// mends each. Against Linux 3.14.1, drivers/block/nvme-core.c.

import { ringNeeded } from '../../nvme/notify.js';
import type { BufferCare, DriverModel } from './driver.js';

export const GOOGLE_2014: DriverModel = {
  name: 'google-2014',
  source: 'the proposal of 22 July 2014, "NVMe Vendor Extension for Improved Virtualization": one announcement per command, a read barrier before the EventIdx load, C0h',
  batched: false,
  announce: ['load-old', 'store-shadow', 'read-barrier', 'load-eventidx', 'ring-if-needed'],
  ringNeeded,
  buffers: {
    command: 'C0h',
    onRefusal: 'goes on with freed memory',
    inUse: 'before the command',
    onReset: { words: 'kept', command: 'never sent again' },
    sizedBy: 'CPUs online at load',
    byteOrder: 'the host\'s own',
    atUnload: 'leaked',
    barriers: 'with the vendor',
  },
};

export interface Mend {
  readonly name: string;
  /** The weakness, by its number in docs/model.md. */
  readonly weakness: number;
  readonly mends: string;
  readonly apply: (driver: DriverModel) => DriverModel;
}

/** What can be mended, in the order of the weaknesses. */
export const MENDS: readonly Mend[] = [
  {
    name: 'barrier',
    weakness: 1,
    mends: 'a full barrier between the shadow store and the EventIdx load',
    apply: (driver) => ({ ...driver, announce: driver.announce.map((step) => (step === 'read-barrier' ? 'full-barrier' : step)) }),
  },
  care('fallback', 2, 'queues whose C0h failed drop their pointers and write registers', { onRefusal: 'drops the pointers' }),
  care('order', 3, 'queues use the shadow path once the device has accepted C0h', { inUse: 'once accepted' }),
  care('reset', 4, 'a reset clears the words and sends C0h again before I/O', { onReset: { words: 'cleared', command: 'sent before I/O' } }),
  care('unmap', 5, 'both areas are freed when the driver is unloaded', { atUnload: 'freed' }),
  care('size', 6, 'the areas have room for every queue', { sizedBy: 'queues' }),
  care('condition', 7, 'barriers are paid where shadow doorbells are in use, and only there', { barriers: 'with shadow doorbells' }),
  care('byte-order', 8, 'values are converted to little-endian', { byteOrder: 'little-endian' }),
];

/** The driver with some of its weaknesses mended; its name says which. */
export function mended(driver: DriverModel, mends: readonly Mend[]): DriverModel {
  const changed = mends.reduce((current, { apply }) => apply(current), driver);
  return { ...changed, name: [driver.name, ...mends.map(({ name }) => name)].join('+') };
}

function care(name: string, weakness: number, mends: string, change: Partial<BufferCare>): Mend {
  return { name, weakness, mends, apply: (driver) => ({ ...driver, buffers: { ...driver.buffers, ...change } }) };
}
