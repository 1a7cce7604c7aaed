// How a kernel record is asked for its fields, whether it was found as text or in binary form.

/**
 * The fields of one record, by their names in the kernel's `format` files: `qid`, `cid`, `gpa`, `exit_reason`, ...
 * A reader of text translates (`cmdid=` is `cid`, `reason npf` is `exit_reason`); one of binary data takes them as they are.
 */
export interface FieldReader {
  /**
   * An integer field as the nearest number: exact up to 2^53 - 1, negative where the field is signed. NaN when the
   * record has no such field or no number stands there.
   * Some names exist in text only: `slba` and `len`, from the arguments that the kernel prints of an NVMe command; `dst` and
   * `vec` of a message with the base in which they are to be read, `dst:16`, since kernels differ in it.
   */
  number(name: string): number;
  /** A little-endian unsigned number of `size` bytes (at most 8), `offset` bytes into an array of bytes; NaN when it isn't there. */
  littleEndian(name: string, offset: number, size: number): number;
}
