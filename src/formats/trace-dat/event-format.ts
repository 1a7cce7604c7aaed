// The text that a kernel gives of each of its events: `events/<system>/<event>/format`.
// [LINUX Documentation/trace/events.rst 2.3]
//
//   name: nvme_sq
//   ID: 1540
//   format:
//           field:unsigned short common_type;  offset:0;  size:2;  signed:0;
//   print fmt: ...

export interface EventField {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly signed: boolean;
  /** An integer of 1, 2, 4 or 8 bytes in the traced machine's byte order; else an array or structure of `bytes` bytes. */
  readonly isNumber: boolean;
}

/** Fields of an event, at most: nvme_setup_cmd has 14. */
const MAX_FIELDS = 256;
const MAX_ID = 0xffff;
const NUMBER_BYTES: ReadonlySet<number> = new Set([1, 2, 4, 8]);
const FIELD = /^\s*field:([^;]{1,300});\s*offset:\s*(\d{1,6});\s*size:\s*(\d{1,6});(?:\s*signed:\s*([01]);)?/;
/** The last word, and the brackets behind it. */
const DECLARED_NAME = /(\w+)\s{0,4}(\[[^\]]*\])?\s*$/;

/**
 * The name of an event, and its id: the 16 bits that every record of it begins with, another number on each kernel.
 * Undefined when the text has none. Cheap: kernels have thousands of events.
 */
export function parseEventHead(text: string): { readonly name: string; readonly id: number } | undefined {
  const name = /^name:[ \t]*(\S{1,100})/m.exec(text)?.[1];
  const id = Number(/^ID:[ \t]*(\d{1,6})/m.exec(text)?.[1] ?? NaN);
  return name === undefined || !(id <= MAX_ID) ? undefined : { name, id };
}

/** The fields of an event. */
export function parseEventFields(text: string): ReadonlyMap<string, EventField> {
  const fields = new Map<string, EventField>();
  for (const line of text.split('\n')) {
    if (line.startsWith('print fmt:') || fields.size === MAX_FIELDS) break;
    const match = FIELD.exec(line);
    const declaration = match?.[1] ?? '';
    const named = DECLARED_NAME.exec(declaration);
    if (match === null || named === null) continue;
    const name = named[1]!;
    fields.set(name, {
      name,
      offset: Number(match[2]),
      bytes: Number(match[3]),
      signed: match[4] === '1',
      isNumber: named[2] === undefined && !/__(?:data|rel)_loc\b/.test(declaration) && NUMBER_BYTES.has(Number(match[3])),
    });
  }
  return fields;
}
