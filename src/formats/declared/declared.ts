// A text format that the user declares in a JSON file: rules from lines to normalized events. docs/formats/declared.md
// Lines are matched one by one, rules first, in their order; then the ignored patterns; what is left is unknown.

import { latin1 } from '../../base/bytes.js';
import { inputError } from '../../base/errors.js';
import { ABSENT } from '../../trace/batch.js';
import { KIND } from '../../trace/event.js';
import { MAX_REJECT_TEXT } from '../../trace/tally.js';
import { BoundedRunner, TookTooLong } from '../bounded.js';
import type { DecodeSummary, DecodeTarget, StreamDecoder, TraceFormat } from '../format.js';
import { LineScanner } from '../lines.js';
import type { LineSink } from '../lines.js';
import { TimeOrigin } from '../origin.js';
import { setColumn } from './columns.js';
import { RuleMatcher } from './rule.js';
import type { Declaration } from './schema.js';

/** Ids of declared formats begin with this, the name that the file gives follows. */
export const DECLARED_PREFIX = 'declared:';
/** Unknown name of a line that no rule takes. */
export const NO_RULE = '(no rule matches)';
/** A chunk has some thousand lines, which take some milliseconds. */
const MAX_CHUNK_MS = 30_000;
const BLANK = '(blank)';
const IGNORED = '(ignored by the declaration)';

interface IgnoredPattern {
  readonly expression: RegExp;
  readonly name: string;
}

/** Counts each line once. */
class DeclaredDecoder implements StreamDecoder, LineSink {
  private readonly scanner: LineScanner;
  private readonly rules: readonly RuleMatcher[];
  private readonly ignored: readonly IgnoredPattern[];
  private readonly declaration: Declaration;
  private readonly target: DecodeTarget;
  private readonly origin = new TimeOrigin();
  private readonly runner = new BoundedRunner(MAX_CHUNK_MS);
  /** The line that is being matched. */
  private lastPlace = 0;

  constructor(declaration: Declaration, target: DecodeTarget) {
    this.declaration = declaration;
    this.target = target;
    this.scanner = new LineScanner(this, declaration.maxLineBytes);
    this.rules = declaration.rules.map((rule) => new RuleMatcher(rule));
    this.ignored = declaration.ignore.map((entry) => {
      const { pattern, name } = typeof entry === 'string' ? { pattern: entry, name: IGNORED } : entry;
      return { expression: new RegExp(pattern, 'u'), name };
    });
  }

  push(chunk: Uint8Array): void {
    try {
      this.runner.run(() => this.scanner.push(chunk));
    } catch (error) {
      if (!(error instanceof TookTooLong)) throw error;
      throw inputError(`the patterns of ${this.declaration.name} take more than ${MAX_CHUNK_MS / 1000} s at line ${this.lastPlace}`, {
        where: { line: this.lastPlace },
        suggestions: ['Anchor the patterns with ^ and $, and replace .* by what may stand there, such as [^ ]+.'],
        cause: error,
      });
    }
  }

  end(): DecodeSummary {
    this.scanner.end();
    return this.summary();
  }

  summary(): DecodeSummary {
    return {
      clock: this.origin.known ? this.declaration.clock : 'none',
      originNs: this.origin.originNs,
      dialect: this.declaration.title ?? this.declaration.name,
    };
  }

  line(bytes: Uint8Array, start: number, end: number, place: number): void {
    const { tally } = this.target;
    tally.read += 1;
    this.lastPlace = place;
    const text = latin1(bytes, start, end);
    const rule = this.rules.find((each) => each.match(text));
    if (rule !== undefined) {
      const fault = rule.fault === '' ? this.write(rule, place) : rule.fault;
      if (fault === '') tally.events += 1;
      else tally.reject(place, fault, text.slice(0, MAX_REJECT_TEXT));
      return;
    }
    const ignored = this.ignored.find(({ expression }) => expression.test(text));
    if (ignored !== undefined) tally.ignore(ignored.name);
    else if (text.trim() === '') tally.ignore(BLANK);
    else tally.unknown(NO_RULE);
  }

  overlong(bytes: Uint8Array, start: number, end: number, place: number): void {
    this.target.tally.read += 1;
    this.target.tally.reject(place, `the line is longer than ${this.declaration.maxLineBytes} bytes`, latin1(bytes, start, end));
  }

  /** Writes the event that a rule has read; returns why it can't, or ''. */
  private write({ kind, time, values }: RuleMatcher, place: number): string {
    const { writer, tally } = this.target;
    const timeNs = time === undefined ? NaN : this.origin.relativeNs(time.seconds, time.nanoseconds);
    if (time !== undefined && Number.isNaN(timeNs)) return 'the time stamp is more than 104 days away from the first one';
    const row = writer.add(kind, timeNs);
    writer.batch.place[row] = place;
    for (const [column, value] of values) setColumn(writer.batch, column, row, value);
    if (kind === KIND['command.complete'] && !values.has('side')) writer.batch.side[row] = ABSENT;
    if (kind === KIND.lost) tally.lost += values.get('value') ?? 0;
    return '';
  }
}

/** The format that a checked declaration describes. It never recognises a source: it is named with --format. */
export function declaredFormat(declaration: Declaration): TraceFormat {
  return {
    id: DECLARED_PREFIX + declaration.name,
    title: declaration.title ?? declaration.name,
    detect: () => undefined,
    open: (target) => new DeclaredDecoder(declaration, target),
  };
}
