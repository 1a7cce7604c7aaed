// trace.dat files that end too early or say what isn't so: what can be read is kept, the rest is told, and nothing breaks.

import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ensure } from '../../src/base/assert.js';
import { BellwetherError } from '../../src/base/errors.js';
import { SpoolingDecoder } from '../../src/formats/content.js';
import { MemoryContent } from '../../src/formats/trace-dat/cursor.js';
import { TraceDatDecoder } from '../../src/formats/trace-dat/decoder.js';
import { traceDat } from '../../src/formats/trace-dat/trace-dat.js';
import { EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { tempFolder } from '../support/temp.js';
import { commands, nth, writeTraceDat } from '../support/trace-dat.js';
import type { TraceDatSpec } from '../support/trace-dat.js';
import { decode, decodeWith, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

const PAGE = 1024;
const RUN = commands(200);
const FILES = [
  { version: 6 },
  { version: 6, little: false, longBytes: 4 },
  { version: 7, compression: 'none' },
  { version: 7, compression: 'zlib' },
  { version: 7, compression: 'zstd', little: false },
].map((shape) => {
  const spec = { ...shape, pageBytes: PAGE, buffers: [{ name: '', records: RUN }, { name: 'more', records: RUN.slice(0, 40) }] } as TraceDatSpec;
  return { name: JSON.stringify(shape), ...writeTraceDat(spec) };
});

/** Decodes; an input error is a good answer too. */
function survive(bytes: Uint8Array): Tally | undefined {
  const tally = new Tally();
  try {
    const decoder = new TraceDatDecoder({ writer: new EventWriter(() => {}), tally }, new MemoryContent(bytes));
    while (decoder.step());
    const { originNs } = decoder.end();
    if (!sumsAddUp(tally) || originNs !== BigInt.asIntN(64, originNs)) expect.fail('the sums are wrong');
    return tally;
  } catch (error) {
    if (error instanceof BellwetherError) return undefined;
    throw error;
  }
}

describe.each(FILES)('$name', ({ bytes, dataAt }) => {
  const whole = decodeWith(traceDat, bytes);
  const start = nth(dataAt, 0);

  test('is whole', () => {
    expect(whole.tally.counts).toEqual({ read: 2 * 240 - 40, events: 2 * 240 - 40, ignored: 0, unknown: 0, rejected: 0, lost: 0 });
  });

  test('cut at every page boundary, it keeps what is before it and tells the rest once', () => {
    let before = 0;
    for (let end = start; end < bytes.length; end += PAGE) {
      const { events, tally } = decodeWith(traceDat, bytes.subarray(0, end));
      expect(tally.rejects).toEqual([{ place: end, reason: expect.stringMatching(/^the file is cut off: the data of \d CPUs? go on to byte \d+$/) as unknown, text: '' }]);
      expect(events.length).toBeGreaterThanOrEqual(before);
      expect(sumsAddUp(tally)).toBe(true);
      before = events.length;
    }
    expect(before).toBeGreaterThan(whole.events.length / 2);
  });

  test('cut anywhere, it never breaks, and says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: bytes.length - 1 }), (end) => {
        const tally = survive(bytes.subarray(0, end));
        // Nothing is missing when only the filling of the last page is. Where the table of the second buffer is cut off,
        // so are the data of the first, which are told apart.
        const least = tally !== undefined && tally.counts.events < whole.events.length ? 1 : 0;
        expect(tally?.counts.rejected ?? 1).toBeGreaterThanOrEqual(least);
        expect(tally?.counts.rejected ?? 1).toBeLessThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  test('with any bytes of its tables changed, it never breaks and takes little memory', () => {
    const before = process.resourceUsage().maxRSS;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(start - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        survive(changed);
      }),
      { numRuns: 1000 },
    );
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1024);
  });

  test('with any number of its tables made large, it never breaks and takes little memory', () => {
    const before = process.resourceUsage().maxRSS;
    fc.assert(
      fc.property(fc.nat(start - 8), fc.constantFrom(2, 4, 8), fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.boolean(), (at, size, top, low) => {
        const changed = Buffer.from(bytes);
        changed.fill(low ? 0xff : 0, at, at + size);
        changed[at] = top;
        survive(changed);
      }),
      { numRuns: 1000 },
    );
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1024);
  });

  test('with any bytes of its data changed, it never breaks', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: start, max: bytes.length - 1 }), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        expect(survive(changed)).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });
});

test('a captured file, cut or changed anywhere, never breaks', () => {
  for (const name of ['linux6.12-v6.dat.gz', 'linux6.12-v7-zstd.dat.gz', 'kvm-ioeventfd-v7.dat.gz']) {
    const bytes = fixtureBytes('trace-dat', name);
    fc.assert(
      fc.property(fc.integer({ min: 11, max: bytes.length }), fc.nat(bytes.length - 1), fc.nat(255), (end, at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        survive(changed.subarray(0, end));
      }),
      { numRuns: 200 },
    );
  }
});

test('a damaged chunk costs that chunk only', () => {
  const { bytes, dataAt } = writeTraceDat({ version: 7, compression: 'zlib', pageBytes: PAGE, buffers: [{ name: '', records: RUN }] });
  const whole = decodeWith(traceDat, bytes);
  // Behind the count, the sizes of the first chunk and the zlib header.
  bytes.fill(0xff, nth(dataAt, 0) + 14, nth(dataAt, 0) + 24);
  const { events, tally } = decodeWith(traceDat, bytes);
  expect(tally.rejects).toEqual([{ place: nth(dataAt, 0) + 4, reason: expect.stringMatching(/^the zlib data are corrupt/) as unknown, text: '' }]);
  expect(events.length).toBeGreaterThan(whole.events.length / 2);
  expect(events.length).toBeLessThan(whole.events.length);
});

test('a file that claims its data again and again is read once', () => {
  const cpus = 4096;
  const { bytes } = writeTraceDat({ version: 7, cpus, buffers: [{ name: '', records: RUN }] });
  // Every CPU's entry becomes that of CPU 0.
  const name = Buffer.from('\0\0local\0').subarray(1);
  const table = bytes.indexOf(name) + name.length + 8;
  const entry = bytes.subarray(table + 4, table + 20);
  for (let cpu = 1; cpu < cpus; cpu++) entry.copy(bytes, table + 20 * cpu + 4);
  const tally = ensure(survive(bytes), 'tally');
  expect(tally.counts.events).toBeLessThan((bytes.length / 4096) * 60);
  expect([...tally.rejectReasons.keys()][0]).toMatch(/overlap others/);
});

describe('the temporary copy', () => {
  const { bytes } = nth(FILES, 0);

  test('leaves nothing behind, also when decoding fails', async () => {
    const folder = tempFolder();
    vi.stubEnv('TMPDIR', folder);
    try {
      const during: string[] = [];
      const decoder = new SpoolingDecoder((content) => {
        during.push(...readdirSync(folder));
        return new TraceDatDecoder({ writer: new EventWriter(() => {}), tally: new Tally() }, content);
      });
      decoder.push(bytes);
      decoder.end();
      expect(during).toEqual([]);
      await decode(sourceOf(bytes));
      await expect(decode(sourceOf(Buffer.from('nothing of the kind')), { format: traceDat })).rejects.toThrow(/no trace\.dat/);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('an input error names the folder when it cannot be made', async () => {
    vi.stubEnv('TMPDIR', '/nonexistent/folder');
    try {
      await expect(decode(sourceOf(bytes))).rejects.toThrow(/temporary copy of the source in \/nonexistent\/folder .*ENOENT/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
