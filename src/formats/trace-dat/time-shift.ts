// The option TIME_SHIFT of a guest's trace.dat: what to add to its stamps so that they are on the clock of the host that
// recorded it. One table for each CPU; the same arithmetic as that of `trace-cmd report`, which the tests compare.
// [trace-cmd.dat.v7(5) "TIME_SHIFT"; trace-cmd lib/trace-cmd/trace-input.c, timestamp_host_sync]
//
//   peer(8) flags(4) CPUs(4); for each CPU: n(4), n times(8), n offsets(8), n scalings(8); then perhaps n fraction bits(8) for each CPU

import type { TableCursor } from './cursor.js';
import type { TimeBase } from './stream.js';
import { MAX_CPUS } from './tables.js';

/** Between two samples the offset goes from one to the other in a straight line; without it the first one's holds. */
const INTERPOLATE = 1;
const SAMPLE_BYTES = 24;

/** The samples of one CPU, at least one, in units of the clock. */
export interface ShiftTable {
  readonly times: readonly bigint[];
  readonly offsets: readonly bigint[];
  readonly interpolate: boolean;
}

/** Reads the option; CPUs without samples have no table. Throws Damage when it is torn, or scales. */
export function readTimeShift(cursor: TableCursor): readonly (ShiftTable | undefined)[] {
  cursor.skip(8, 'the peer of the time shift');
  const flags = cursor.u32('the flags of the time shift');
  const cpus = cursor.u32('the CPUs of the time shift');
  if (cpus > MAX_CPUS) throw cursor.damage(`a time shift has ${cpus} CPUs, more than ${MAX_CPUS}`);
  const scalings: bigint[][] = [];
  const tables = Array.from({ length: cpus }, (): ShiftTable | undefined => {
    const count = cursor.u32('the samples of a time shift');
    if (count * SAMPLE_BYTES > cursor.left) throw cursor.damage(`a time shift has ${count} samples, and ${cursor.left} bytes are left`);
    const [times = [], offsets = [], scaling = []] = [0, 1, 2].map(() => Array.from({ length: count }, () => BigInt.asIntN(64, cursor.big('a time shift'))));
    scalings.push(scaling);
    return count === 0 ? undefined : { times, offsets, interpolate: (flags & INTERPOLATE) !== 0 };
  });
  for (const scaling of scalings) {
    for (const factor of scaling) {
      const bits = cursor.left >= 8 ? cursor.big('the fraction bits of a time shift') : 0n;
      if (bits > 63n || factor !== 1n << bits) throw cursor.damage("TIME_SHIFT scales the stamps, which isn't applied: the times are the guest's own");
    }
  }
  return tables;
}

/** The tables' common part, which is for the base: what is left fits in the numbers that times are counted in. */
export function commonOffset(tables: readonly (ShiftTable | undefined)[]): bigint {
  return tables.find((table) => table !== undefined)?.offsets[0] ?? 0n;
}

/** Shifts the times of one CPU. */
export class TimeShift {
  private readonly table: ShiftTable | undefined;
  private readonly base: TimeBase;
  private readonly common: bigint;
  private times = new Float64Array(0);
  private offsets = new Float64Array(0);

  /** Without a table only `common` is taken off. The base must be known before the first `of`. */
  constructor(table: ShiftTable | undefined, base: TimeBase, common: bigint) {
    this.table = table;
    this.base = base;
    this.common = common;
  }

  /** A time in units since the base -> the same in units since the shifted base. */
  of(time: number): number {
    if (this.offsets.length === 0) this.prepare();
    const { times, offsets } = this;
    const last = Math.max(0, times.length - 2);
    let i = 0;
    while (i < last && times[i + 1]! <= time) i += 1;
    const span = (times[i + 1] ?? NaN) - times[i]!;
    if (this.table?.interpolate !== true || !(span > 0)) return time + offsets[i]!;
    return time + offsets[i]! + Math.trunc(((time - times[i]!) * (offsets[i + 1]! - offsets[i]!)) / span + 0.5);
  }

  private prepare(): void {
    const { high, low } = this.base;
    const base = (BigInt(high) << 32n) + BigInt(low);
    const { times, offsets } = this.table ?? { times: [0n], offsets: [0n] };
    this.times = Float64Array.from(times, (time) => Number(time - base));
    this.offsets = Float64Array.from(offsets, (offset) => Number(offset - this.common));
  }
}
