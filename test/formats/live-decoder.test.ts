// Following bytes as they come gives what decoding them as a whole gives, and a sound state at any time.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadDeclaredFormat } from '../../src/formats/declared/load.js';
import type { DecodeSummary, TraceFormat } from '../../src/formats/format.js';
import { LiveDecoder } from '../../src/formats/live-decoder.js';
import { EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';
import { IGNORED_LINE, reads } from '../support/qemu-lines.js';
import { FIXTURES, decode, essence, sourceOf } from './support.js';

/** One live decoder, and everything that came out of it. */
class Live {
  readonly events: PlainEvent[] = [];
  readonly tally = new Tally();
  readonly decoder: LiveDecoder;
  private readonly writer = new EventWriter((batch) => {
    for (const event of plainEvents(batch)) this.events.push(event);
  });

  constructor(format?: TraceFormat) {
    this.decoder = new LiveDecoder('unknown', { format, writer: this.writer, tally: this.tally });
  }

  end(): DecodeSummary {
    const summary = this.decoder.end();
    this.writer.flush();
    return summary;
  }
}

const captures = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(?:gz|simple)$/.test(name) && !name.startsWith('trace-dat') && !name.startsWith('zstd'),
);

/** Formats that hold accesses back until the BAR is known. Those of QEMU hold one register write. */
const HOLDING: readonly string[] = ['mmiotrace', 'ftrace', 'perf-script'];

test.each(captures)('%s, in small pieces', async (name) => {
  const stored = readFileSync(join(FIXTURES, name));
  const bytes = name.endsWith('.gz') ? gunzipSync(stored) : stored;
  const format = name.startsWith('declared') ? await loadDeclaredFormat(join(FIXTURES, 'declared/bpftrace.json')) : undefined;
  const whole = await decode(sourceOf(bytes), format === undefined ? {} : { format });
  const live = new Live(whole.format);
  for (let at = 0; at < bytes.length; at += 1013) {
    live.decoder.push(bytes.subarray(at, at + 1013));
    const undecided = live.tally.read - live.tally.settled.counts.read;
    if (HOLDING.includes(whole.format.id)) expect(undecided).toBeGreaterThanOrEqual(0);
    else expect([0, 1]).toContain(undecided);
    if (live.events.length > 0) expect(live.decoder.summary.originNs).toBe(whole.summary.originNs);
  }
  const summary = live.end();
  expect(live.decoder.summary).toEqual(summary);
  expect(live.tally.settled).toEqual(live.tally.totals);
  expect(essence({ events: live.events, tally: live.tally, summary })).toEqual(essence(whole));
  expect({ sha256: live.decoder.sha256, bytes: live.decoder.bytes }).toEqual({ sha256: whole.sha256, bytes: bytes.length });
});

test.each(captures.filter((name) => !name.startsWith('declared')))('%s is recognised by its first lines as it is by a whole head', async (name) => {
  const stored = readFileSync(join(FIXTURES, name));
  const bytes = name.endsWith('.gz') ? gunzipSync(stored) : stored;
  const { format } = await decode(sourceOf(bytes));
  const live = new Live();
  // As a slow pipe gives them, with an interval now and then.
  for (let at = 0; at < bytes.length && !live.decoder.started; at += 97) {
    live.decoder.push(bytes.subarray(at, at + 97));
    if (at % (97 * 50) === 97 * 49) live.decoder.settle();
  }
  if (!live.decoder.started) live.end();
  expect(live.decoder.format.id).toBe(format.id);
});

test('one whole line of events is enough, half of one is not', () => {
  const [line = ''] = reads(1).split(/(?<=\n)/);
  const half = new Live();
  half.decoder.push(Buffer.from(line.slice(0, 20)));
  half.decoder.settle();
  expect(half.decoder.started).toBe(false);
  half.decoder.push(Buffer.from(line.slice(20)));
  half.decoder.settle();
  expect(half.decoder.started).toBe(true);
  const whole = new Live();
  whole.decoder.push(Buffer.from(line));
  expect(whole.decoder.started).toBe(true);
});

test('among other text a likely format is taken when an interval is over', () => {
  const live = new Live();
  live.decoder.push(Buffer.from(`qemu-system-x86_64: warning: something else\n${IGNORED_LINE}`));
  expect(live.decoder.started).toBe(false);
  live.decoder.settle();
  expect(live.decoder.format.id).toBe('qemu-log');
});

test('foreign bytes are refused when a head is full, and at the end', () => {
  const text = Buffer.from('It is a truth universally acknowledged\n'.repeat(1000));
  const long = new Live();
  expect(() => {
    for (let n = 0; n < 10; n++) long.decoder.push(text);
  }).toThrow(/no known format in its first 64 KiB/);
  const short = new Live();
  short.decoder.push(text);
  short.decoder.settle();
  expect(() => short.decoder.end()).toThrow(/no known format/);
  expect(() => new Live().decoder.end()).toThrow(/is empty/);
});
