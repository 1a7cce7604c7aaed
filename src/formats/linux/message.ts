// The message of a kvm_msi_set_irq. [LINUX include/trace/events/kvm.h]
//
//   fields    address, data
//   printed   dst 0 vec 37 (Fixed|physical|edge)     destination in hexadecimal, vector in decimal digits
//             older kernels: the other way round

import { keyOfMessage, messageKey } from '../msix-table.js';
import type { FieldReader } from './fields.js';

const TWO_32 = 2 ** 32;
/** Vectors below are the CPU's own exceptions: no device raises them. [SDM-3] 6.2 */
const LEAST_VECTOR = 32;

export interface Message {
  readonly key: number;
  /** What it is if the text is an older kernel's; NaN where that can't be. */
  readonly otherKey: number;
}

/** Undefined when the record has neither shape. */
export function messageOf(fields: FieldReader): Message | undefined {
  const address = fields.number('address');
  const data = fields.number('data');
  if (Number.isFinite(address) && Number.isFinite(data)) return { key: keyOfMessage(address % TWO_32, Math.floor(address / TWO_32), data), otherKey: NaN };
  const key = keyIn(fields.number('dst:16'), fields.number('vec:10'));
  const otherKey = keyIn(fields.number('dst:10'), fields.number('vec:16'));
  return Number.isNaN(key) && Number.isNaN(otherKey) ? undefined : { key, otherKey };
}

function keyIn(destination: number, vector: number): number {
  return vector >= LEAST_VECTOR && vector < 256 ? messageKey(destination, vector) : NaN;
}
