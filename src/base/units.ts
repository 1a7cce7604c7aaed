// Units and their text forms. Times inside a trace are numbers of nanoseconds since the trace's origin
// (exact up to 2^53 ns = 104 days); absolute times are bigint nanoseconds.

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_S = 1_000_000_000;

/** `n` with thousands separators, the same in every locale: 1234567 -> "1,234,567". */
export function formatCount(n: number): string {
  const [whole = '', fraction] = String(n).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A duration of three significant digits, in the largest unit that keeps it at or above 1: 1234 -> "1.23 us". */
export function formatNs(ns: number): string {
  const rounded = Number(ns.toPrecision(3));
  const size = Math.abs(rounded);
  if (size < NS_PER_US) return `${rounded} ns`;
  if (size < NS_PER_MS) return `${rounded / NS_PER_US} us`;
  if (size < NS_PER_S) return `${rounded / NS_PER_MS} ms`;
  return `${rounded / NS_PER_S} s`;
}

/** A fraction as a percentage with one decimal: 0.8237 -> "82.4 %". */
export function formatPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

/** A number of bytes in binary units: 1536 -> "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${Number(size.toFixed(1))} ${units[unit]}`;
}

/** `n` followed by the noun, in the plural unless n is 1: (3, "command") -> "3 commands". */
export function plural(n: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(n)} ${n === 1 ? noun : many}`;
}
