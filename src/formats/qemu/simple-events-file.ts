// Reads `trace-events-all`, the text file installed with QEMU that declares every trace event of the build.
// [QEMU-10.0 docs/devel/tracing.rst, scripts/tracetool/__init__.py]
//
//   disable pci_example(uint16_t cid, const char *name) "cid %"PRIu16" name '%s'"
//
// Needed are names and argument types, and the position of an event in the file: files of version 2 and 3 hold no names.

import { inputError } from '../../base/errors.js';
import type { NamedText } from '../format.js';
import type { ArgType, EventArg } from './events.js';

/** An event as the file declares it. */
export interface DeclaredEvent {
  /** With prefix. */
  readonly name: string;
  readonly args: readonly EventArg[];
}

/** More events than any build declares (7.2 has 4,083); identifiers in a trace stay below it. */
export const MAX_EVENTS = 65_536;
/** tracetool refuses an event with more arguments. */
const MAX_ARGS = 10;
/** Names of events and arguments are C identifiers. */
const EVENT = /^((?:[a-z]+\s+)*)(\w{1,256})\s*\(([^)]*)\)/;
const ARGUMENT = /^(.*[\s*])(\w+)$/s;

/** What the simple backend stores for a C type: a string when it is a `char` with exactly one `*`, else 64 bits. */
function argTypeOf(cType: string): ArgType {
  const stars = cType.split('*').length - 1;
  if (stars === 1 && /\bchar\b/.test(cType)) return 'str';
  if (stars > 0) return 'u64';
  switch (cType.replace(/\bconst\b/, '').trim()) {
    case 'uint8_t':
      return 'u8';
    case 'uint16_t':
      return 'u16';
    case 'uint32_t':
    case 'unsigned':
    case 'unsigned int':
      return 'u32';
    case 'int':
    case 'int32_t':
      return 'i32';
    case 'int64_t':
      return 'i64';
    case 'bool':
      return 'bool';
    case 'size_t':
      return 'size';
    default:
      return 'u64';
  }
}

function parseArgs(text: string): EventArg[] | undefined {
  if (/^\s*(void)?\s*$/.test(text)) return [];
  const args: EventArg[] = [];
  for (const part of text.split(',')) {
    const found = ARGUMENT.exec(part.trim());
    if (found === null) return undefined;
    args.push({ name: found[2]!, type: argTypeOf(found[1]!) });
  }
  return args.length <= MAX_ARGS ? args : undefined;
}

/** The events of a `trace-events-all` file in their order; throws an input error when it isn't one. */
export function parseEventsFile({ path, text }: NamedText): readonly DeclaredEvent[] {
  const events: DeclaredEvent[] = [];
  // A backslash at the end of a line continues it.
  const lines = text.replaceAll('\\\n', '  ').split('\n');
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const found = EVENT.exec(trimmed);
    const args = found === null ? undefined : parseArgs(found[3]!);
    if (found === null || args === undefined) throw notAnEvent(path, index + 1, trimmed);
    const name = found[2]!;
    // Up to QEMU 6.2, an event for generated code stands for two: when code is translated, and when it runs.
    const names = /\btcg\b/.test(found[1]!) ? [`${name}_trans`, `${name}_exec`] : [name];
    for (const each of names) events.push({ name: each, args });
    if (events.length > MAX_EVENTS) throw inputError(`${path} declares more than ${MAX_EVENTS} events`, { where: { file: path } });
  }
  if (events.length === 0) throw inputError(`${path} declares no event`, { where: { file: path }, suggestions: [WHERE_IT_IS] });
  return events;
}

const WHERE_IT_IS = "Give the trace-events-all file of the QEMU that wrote the trace, such as '/usr/share/qemu/trace-events-all'.";

function notAnEvent(path: string, line: number, text: string): Error {
  return inputError(`${path}, line ${line} declares no trace event: ${JSON.stringify(text.slice(0, 80))}`, {
    where: { file: path, line },
    suggestions: [WHERE_IT_IS],
  });
}
