// check and list rules by the real binary: what they print, and how they end.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DEFAULT_KEEP, DEFAULT_STALL_MS } from '../../src/app/check.js';
import { RULES } from '../../src/history/check/catalogue.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const CAPTURE = 'randread32-on-1.qemu.log.gz';

/** The bundled capture, and one whose 200th SQ doorbell on an I/O queue is written twice. */
async function withTraces(): Promise<string> {
  const folder = tempFolder();
  copyFileSync(join('fixtures/qemu-log', CAPTURE), join(folder, CAPTURE));
  let left = 200;
  const lines = gunzipSync(readFileSync(join(folder, CAPTURE))).toString('latin1').split('\n');
  const faulty = lines.flatMap((line) => (/mmio_doorbell_sq sqid [1-9]/.test(line) && left-- === 0 ? [line, line] : [line]));
  writeFileSync(join(folder, 'faulty.log'), faulty.join('\n'), 'latin1');
  expect((await bellwether(folder, 'ingest', CAPTURE, 'faulty.log')).code).toBe(0);
  return folder;
}

test('list rules shows them all', async () => {
  const text = await bellwether(process.cwd(), 'list', 'rules');
  for (const { id } of RULES) expect(text.stdout).toContain(`\n${id} `);
  const { stdout } = await bellwether(process.cwd(), 'list', 'rules', '--json');
  const { rules } = JSON.parse(stdout) as { rules: { id: string }[] };
  expect(rules.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id));
  expect(rules[0]).toEqual(expect.objectContaining({ severity: 'error', title: expect.any(String), doc: expect.any(String), needs: expect.any(String) }));
});

test('a healthy trace ends with 0, one with an error with 5, as text and as JSON', async () => {
  const folder = await withTraces();
  const healthy = await bellwether(folder, 'check', 'randread32-on-1');
  expect(healthy).toMatchObject({ code: 0, stderr: '' });
  expect(healthy.stdout).toMatch(/^randread32-on-1: 0 errors, 0 warnings, 0 notes\n\n37 rules decided, \d+ of them in part; 1 not decidable on this capture\n {2}not decidable +needs\n {2}admin-one-sided +an admin register write/);

  const faulty = await bellwether(folder, 'check', 'faulty');
  expect(faulty).toMatchObject({ code: 5, stderr: '' });
  expect(faulty.stdout).toMatch(/^faulty: 1 error, 0 warnings, 0 notes\n\nerror doorbell-repeated: 1\n {2}controller\/queue +at +evidence\n {2}0\/[12] sq +\d+\.\d{6} s, event \d+, line \d+ +SQ tail \d+ written twice in a row/);

  const json = await bellwether(folder, 'check', 'faulty', '--json');
  expect(json).toMatchObject({ code: 5, stderr: '' });
  const { findings, counts, errors, warnings, notes, decided, undecided } = JSON.parse(json.stdout) as Record<string, unknown>;
  expect(findings).toEqual([
    {
      rule: 'doorbell-repeated',
      severity: 'error',
      controller: 0,
      queue: expect.any(Number),
      side: 'sq',
      at: { seq: expect.any(Number), time_ns: expect.any(Number), source: 0, place: expect.any(Number), unit: 'line' },
      evidence: expect.stringMatching(/^SQ tail \d+ written twice in a row/),
    },
  ]);
  expect({ counts, errors, warnings, notes }).toEqual({ counts: [{ rule: 'doorbell-repeated', severity: 'error', count: 1, shown: 1 }], errors: 1, warnings: 0, notes: 0 });
  expect([(decided as unknown[]).length, undecided]).toEqual([37, [{ rule: 'admin-one-sided', needs: expect.any(String), open: expect.any(Number) }]]);
});

test('in a joined trace a place names its source', async () => {
  const folder = tempFolder();
  const files = ['kvm-on.guest.trace.gz', 'kvm-on.host.trace.gz', 'kvm-on.qemu.log.gz'];
  for (const file of files) copyFileSync(join('fixtures/joined', file), join(folder, file));
  expect((await bellwether(folder, 'ingest', ...files, '--join', '--name', 'run1')).code).toBe(0);
  const { stdout } = await bellwether(folder, 'check', 'run1', '--stall-ms', '1', '--keep', '1');
  expect(stdout).toMatch(/event \d+, line \d+ of kvm-on\.(?:guest\.trace|host\.trace|qemu\.log)\.gz {2}/);
  const json = JSON.parse((await bellwether(folder, 'check', 'run1', '--stall-ms', '1', '--keep', '1', '--json')).stdout) as { findings: { at: { source: number } | null }[] };
  expect(json.findings.map(({ at }) => at?.source).every((source) => source === undefined || source < files.length)).toBe(true);
  const stored = await bellwether(folder, 'query', 'SELECT f.source, s.source AS file FROM findings AS f LEFT JOIN sources AS s ON s.trace = f.trace AND s.number = f.source ORDER BY f.number', '--json');
  const { rows } = JSON.parse(stored.stdout) as { rows: { source: number | null; file: string | null }[] };
  expect(rows.map(({ source }) => source)).toEqual(json.findings.map(({ at }) => at?.source ?? null));
  expect(rows.every(({ source, file }) => (source === null) === (file === null))).toBe(true);
});

test('in a binary source a place is a byte', async () => {
  const folder = tempFolder();
  const file = 'randread32-on-first-4000.simple.gz';
  copyFileSync(join('fixtures/qemu-simple', file), join(folder, file));
  expect((await bellwether(folder, 'ingest', file, '--name', 'binary')).code).toBe(0);
  const { stdout } = await bellwether(folder, 'check', 'binary', '--rule', 'slow-command', '--rule', 'stalled-command', '--stall-ms', '1', '--keep', '1');
  expect(stdout).toMatch(/event \d+, byte \d+ /);
});

test('--rule applies those rules alone', async () => {
  const folder = await withTraces();
  expect(await bellwether(folder, 'check', 'faulty', '--rule', 'missed-ring', '--rule', 'unasked-ring')).toMatchObject({ code: 0 });
  const one = await bellwether(folder, 'check', 'faulty', '--rule', 'doorbell-repeated');
  expect(one.code).toBe(5);
  expect(one.stdout).toContain('1 rule decided, 0 of them in part; 0 not decidable on this capture');
});

test('waits beyond --stall-ms are shown up to --keep and counted', async () => {
  const folder = await withTraces();
  const { code, stdout } = await bellwether(folder, 'check', 'randread32-on-1', '--rule', 'slow-command', '--stall-ms', '1', '--keep', '2', '--json');
  expect(code).toBe(0);
  const { findings, counts } = JSON.parse(stdout) as { findings: unknown[]; counts: { count: number; shown: number }[] };
  expect(findings).toHaveLength(2);
  expect(counts).toEqual([expect.objectContaining({ rule: 'slow-command', severity: 'warning', shown: 2 })]);
  expect(counts[0]!.count).toBeGreaterThan(100);
});

test('the help states the defaults that the audit has', async () => {
  const { stdout } = await bellwether(process.cwd(), 'check', '--help');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`--keep=N [default: ${DEFAULT_KEEP}]`);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`--stall-ms=N [default: ${DEFAULT_STALL_MS}]`);
});

test('the same trace gives the same bytes', async () => {
  const folder = await withTraces();
  const [a, b] = [await bellwether(folder, 'check', 'faulty', '--json'), await bellwether(folder, 'check', 'faulty', '--json')];
  expect(a.stdout).toBe(b.stdout);
});

test('unknown rules, limits out of range and unknown traces are wrong use', async () => {
  const folder = await withTraces();
  const unknown = await bellwether(folder, 'check', 'faulty', '--rule', 'lost-wakeup');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('there is no rule lost-wakeup');
  expect(unknown.stderr).toContain('missed-ring');
  expect((await bellwether(folder, 'check', 'faulty', '--stall-ms', '0')).code).toBe(2);
  expect((await bellwether(folder, 'check', 'nothing')).code).toBe(2);
  expect((await bellwether(tempFolder(), 'check', 'faulty')).code).toBe(4);
});
