// Decoding bytes in memory, and the fixtures, for the tests of the formats.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { decodeSource } from '../../src/formats/decode.js';
import type { Decoded } from '../../src/formats/decode.js';
import type { DecodeSummary, TraceFormat } from '../../src/formats/format.js';
import { Source } from '../../src/formats/source.js';
import { EventWriter } from '../../src/trace/batch.js';
import { kindName } from '../../src/trace/event.js';
import { Tally } from '../../src/trace/tally.js';
import { plainEvents } from '../support/events.js';
import type { PlainEvent } from '../support/events.js';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
/** Where developers keep the captures that are too large for the repository. */
export const SHARED_TRACES = fileURLToPath(new URL('../../../shared/traces/', import.meta.url));

/** Everything that a decode gives. */
export interface Outcome {
  readonly events: readonly PlainEvent[];
  readonly tally: Tally;
}

export async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** Decodes a source as `ingest` would. */
export async function decode(source: Source, options: { format?: TraceFormat; chunkBytes?: number } = {}): Promise<Outcome & Decoded> {
  const events: PlainEvent[] = [];
  const tally = new Tally();
  const writer = new EventWriter((batch) => events.push(...plainEvents(batch)));
  const decoded = await decodeSource(source, { ...options, writer, tally });
  return { ...decoded, events, tally };
}

/** A source named "unknown" that holds these bytes. */
export function sourceOf(bytes: Uint8Array, chunkBytes = 65_536): Source {
  return new Source('unknown', chunksOf(bytes, chunkBytes), bytes.length);
}

/** Feeds bytes to a format's decoder without detection. */
export function decodeWith(format: TraceFormat, bytes: Uint8Array, chunkBytes = 65_536): Outcome & { summary: DecodeSummary } {
  const events: PlainEvent[] = [];
  const tally = new Tally();
  const writer = new EventWriter((batch) => events.push(...plainEvents(batch)));
  const decoder = format.open({ writer, tally });
  for (let at = 0; at < bytes.length; at += chunkBytes) decoder.push(bytes.subarray(at, at + chunkBytes));
  const summary = decoder.end();
  writer.flush();
  return { events, tally, summary };
}

/** Whether every record read ended in exactly one way. */
export function sumsAddUp(tally: Tally): boolean {
  const { read, events, ignored, unknown, rejected } = tally.counts;
  return read === events + ignored + unknown + rejected;
}

/** Kind -> number of events, in the order of the names. */
export function countKinds(events: readonly PlainEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of events) counts[kindName(kind)] = (counts[kindName(kind)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Everything about an outcome that two readings of the same content must share. */
export function essence(outcome: Outcome & { summary: DecodeSummary }): unknown {
  const { events, tally, summary } = outcome;
  const names = [tally.ignoredNames, tally.unknownNames, tally.rejectReasons].map((counts) => [...counts]);
  return { events, counts: tally.counts, names, rejects: tally.rejects, summary };
}

/** The file of a fixture's folder that belongs to a case, without compression. */
export function fixtureBytes(folder: string, file: string): Buffer {
  const bytes = readFileSync(`${FIXTURES}${folder}/${file}`);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** Case -> file, from the files of a fixture folder that have an expectation beside them. */
export function fixtureCases(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(`${FIXTURES}${folder}`);
  const cases = new Map<string, string>();
  for (const expectation of files.filter((file) => file.endsWith('.expect.json'))) {
    const name = expectation.slice(0, -'.expect.json'.length);
    const file = files.find((candidate) => candidate.startsWith(`${name}.`) && candidate !== expectation);
    if (file === undefined) throw new Error(`${expectation} has no fixture beside it`);
    cases.set(name, file);
  }
  return cases;
}
