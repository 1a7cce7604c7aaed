// Standard input: plain, gzip and zstd by content.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { outcome, start } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const GZIP = readFileSync(`${FIXTURES}mmiotrace/randread32-on.mmiotrace.gz`);

test.each([
  ['plain', gunzipSync(GZIP)],
  ['gzip', GZIP],
  ['zstd', readFileSync(`${FIXTURES}zstd/randread32-on.mmiotrace.zst`)],
])('%s', async (name, bytes) => {
  const child = start(tempFolder(), 'ingest', '-', '--name', name, '--bar', '0xfebf0000', '--json');
  child.stdin.end(bytes);
  const { code, stdout, stderr } = await outcome(child);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ name, format: 'mmiotrace', records: { read: 3117, events: 2920 } }] });
});
