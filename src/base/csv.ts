// Comma-separated values as RFC 4180 has them, except that lines end in LF alone. The field is left as it is otherwise:
// CSV is data for programs.

/** One line without its end. Null is an empty field, an empty string is "". */
export function csvLine(fields: readonly (string | number | bigint | null)[]): string {
  return fields.map(field).join(',');
}

function field(value: string | number | bigint | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
