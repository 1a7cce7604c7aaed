import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SimpleWriter } from '../formats/simple-writer.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

function folderWithTrace(): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'old.simple'), new SimpleWriter({ version: 3 }).record(1, 10, 1, 5).record(1, 20, 1, 6).bytes);
  writeFileSync(join(folder, 'events'), 'other(void) "x"\npci_nvme_mmio_doorbell_sq(uint16_t sqid, uint16_t new_tail) "y"\n');
  return folder;
}

test('--events-file names the events of an old binary trace', async () => {
  const { code, stdout } = await bellwether(folderWithTrace(), 'ingest', 'old.simple', '--events-file', 'events', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ format: 'qemu-simple', records: { read: 3, events: 2, ignored: 1 }, clock: 'monotonic' }] });
});

test('without it the way out is named, with a useless one the place', async () => {
  const folder = folderWithTrace();
  const without = await bellwether(folder, 'ingest', 'old.simple');
  expect(without.code).toBe(3);
  expect(without.stderr).toContain('--events-file');
  const useless = await bellwether(folder, 'ingest', 'old.simple', '--events-file', 'old.simple');
  expect(useless.code).toBe(3);
  expect(useless.stderr).toContain('line 1 declares no trace event');
  const missing = await bellwether(folder, 'ingest', 'old.simple', '--events-file', 'nowhere');
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('nowhere');
});
