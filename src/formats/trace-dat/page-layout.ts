// The layout of the ring buffer's pages, as the traced kernel states it in `header_page` and `header_event`.
// [LINUX kernel/trace/ring_buffer.c ring_buffer_print_page_header, ring_buffer_print_entry_header]

import { inputError } from '../../base/errors.js';

export interface PageLayout {
  /** Size of the commit word at byte 8 of a page: the kernel's long. */
  readonly commitBytes: 4 | 8;
  /** Where a page's data begin. */
  readonly dataAt: number;
}

/** Byte of a page at which the commit word stands, behind the 64-bit time stamp. */
export const COMMIT_AT = 8;

/** What `header_event` must say: lines that hold a number of the event header, with that number. */
const EVENT_HEADER: readonly (readonly [RegExp, number])[] = [
  [/\btype_len\s*:\s*(\d+)\s*bits/, 5],
  [/\btime_delta\s*:\s*(\d+)\s*bits/, 27],
  [/\barray\s*:\s*(\d+)\s*bits/, 32],
  [/\bpadding\s*:\s*type\s*==\s*(\d+)/, 29],
  [/\btime_extend\s*:\s*type\s*==\s*(\d+)/, 30],
  [/\btime_stamp\s*:\s*type\s*==\s*(\d+)/, 31],
  [/\bdata max type_len\s*==\s*(\d+)/, 28],
];

/** Reads the text of `header_page`. Throws an input error for a layout that no kernel has had. */
export function parsePageHeader(text: string): PageLayout {
  const timestamp = fieldOf(text, 'timestamp');
  const commit = fieldOf(text, 'commit');
  const data = fieldOf(text, 'data');
  const commitBytes = commit?.size;
  const known =
    timestamp?.offset === 0 &&
    timestamp.size === 8 &&
    commit?.offset === COMMIT_AT &&
    (commitBytes === 4 || commitBytes === 8) &&
    data?.offset === COMMIT_AT + commitBytes;
  if (!known) throw unknownLayout('header_page', text);
  return { commitBytes, dataAt: data.offset };
}

/** Checks the text of `header_event`: the decoder has its numbers built in. Old kernels leave lines out. */
export function checkEventHeader(text: string): void {
  for (const [line, expected] of EVENT_HEADER) {
    const stated = line.exec(text)?.[1];
    if (stated !== undefined && Number(stated) !== expected) throw unknownLayout('header_event', text);
  }
}

function fieldOf(text: string, name: string): { readonly offset: number; readonly size: number } | undefined {
  const found = new RegExp(`\\b${name};\\s*offset:\\s*(\\d{1,6});\\s*size:\\s*(\\d{1,6});`).exec(text);
  return found === null ? undefined : { offset: Number(found[1]), size: Number(found[2]) };
}

function unknownLayout(name: string, text: string): Error {
  return inputError(`the trace.dat's ${name} describes ring-buffer pages of an unknown layout: ${JSON.stringify(text.slice(0, 300))}`, {
    suggestions: ["Ingest the text of 'trace-cmd report' instead, and report the layout to the authors."],
  });
}
