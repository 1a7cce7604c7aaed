// The fields of a binary record, found by the event's format.

import type { FieldReader } from '../linux/fields.js';
import type { EventField } from './event-format.js';

const TWO_32 = 2 ** 32;

/** Reads the record it was set to last. */
export class RecordFields implements FieldReader {
  private fields: ReadonlyMap<string, EventField> = new Map();
  private view: DataView = new DataView(new ArrayBuffer(0));
  private start = 0;
  private bytes = 0;
  private readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }

  set(fields: ReadonlyMap<string, EventField>, view: DataView, start: number, bytes: number): void {
    this.fields = fields;
    this.view = view;
    this.start = start;
    this.bytes = bytes;
  }

  number(name: string): number {
    const field = this.fields.get(name);
    if (field === undefined || !field.isNumber || field.offset + field.bytes > this.bytes) return NaN;
    const { view, little } = this;
    const at = this.start + field.offset;
    switch (field.bytes) {
      case 1:
        return field.signed ? view.getInt8(at) : view.getUint8(at);
      case 2:
        return field.signed ? view.getInt16(at, little) : view.getUint16(at, little);
      case 4:
        return field.signed ? view.getInt32(at, little) : view.getUint32(at, little);
      default: {
        const highAt = little ? at + 4 : at;
        const high = field.signed ? view.getInt32(highAt, little) : view.getUint32(highAt, little);
        return high * TWO_32 + view.getUint32(little ? at : at + 4, little);
      }
    }
  }

  littleEndian(name: string, offset: number, size: number): number {
    const field = this.fields.get(name);
    if (field === undefined || field.isNumber || offset + size > field.bytes || field.offset + field.bytes > this.bytes) return NaN;
    const at = this.start + field.offset + offset;
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.view.getUint8(at + i);
    return value;
  }
}
