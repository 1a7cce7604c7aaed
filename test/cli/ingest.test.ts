import { copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bellwether, outcome, start } from '../support/bellwether.js';
import { IGNORED_LINE, LINES_PER_READ, UNKNOWN_LINE, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

/** A folder with captures to ingest. */
function captures(): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'good.qemu.log'), reads(5));
  writeFileSync(join(folder, 'partly.qemu.log'), reads(6) + UNKNOWN_LINE);
  writeFileSync(join(folder, 'useless.qemu.log'), IGNORED_LINE.repeat(20));
  return folder;
}

test('ingest, and the same again, as text', async () => {
  const folder = captures();
  const first = await bellwether(folder, 'ingest', 'good.qemu.log');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^good: ingested as trace 1, qemu-log, QEMU /);
  expect(first.stdout).toContain('\n  20 records = 20 to events + 0 ignored + 0 unknown + 0 rejected; 0 lost\n');
  const again = await bellwether(folder, 'ingest', 'good.qemu.log');
  expect(again.stdout).toMatch(/^good: known already as trace 1, /);
  expect(again.stdout).not.toContain('same content');
  copyFileSync(join(folder, 'good.qemu.log'), join(folder, 'copy.log'));
  expect((await bellwether(folder, 'ingest', 'copy.log')).stdout).toMatch(/^good: known already as trace 1, .*\n.*\n {2}copy\.log has the same content\n/);
  expect(again.code).toBe(0);
  const list = await bellwether(folder, 'traces');
  expect(list.stdout).toMatch(/^id +name +format +events +span +rejected +unknown +lost\n *1 +good +qemu-log +20 +19 us +0 +0 +0\n$/);
});

test('--json is one document with the keys of the contract', async () => {
  const folder = captures();
  const { code, stdout, stderr } = await bellwether(folder, 'ingest', 'partly.qemu.log', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const trace = {
    id: 1,
    name: 'partly',
    format: 'qemu-log',
    records: { read: 6 * LINES_PER_READ + 1, events: 6 * LINES_PER_READ, ignored: 0, unknown: 1, rejected: 0, lost: 0 },
    unknown: { pci_nvme_frobnicate: 1 },
    clock: 'realtime',
    span_ns: (6 * LINES_PER_READ - 1) * 1000,
  };
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ ...trace, known: false }], skipped: [] });
  const again = await bellwether(folder, 'ingest', 'partly.qemu.log', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ traces: [{ ...trace, known: true }] });
  expect(JSON.parse((await bellwether(folder, 'traces', '--json')).stdout)).toMatchObject({ traces: [trace] });
});

test('standard input, with a name and another store', async () => {
  const folder = tempFolder();
  const child = start(folder, 'ingest', '-', '--name', 'piped', '--db', 'other.db', '--json');
  child.stdin.end(reads(2));
  const { code, stdout } = await outcome(child);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ name: 'piped', source: '-', event_rows: 2 * LINES_PER_READ }] });
  expect((await bellwether(folder, 'traces')).code).toBe(4);
  expect((await bellwether(folder, 'traces', '--db', 'other.db')).stdout).toContain('piped');
});

test.each([
  [0, ['ingest', 'good.qemu.log']],
  [2, ['ingest']],
  [2, ['ingest', 'good.qemu.log', '--frobnicate']],
  [2, ['ingest', 'good.qemu.log', '--max-rejects', 'many']],
  [2, ['ingest', 'good.qemu.log', 'partly.qemu.log', '--name', 'x']],
  [2, ['ingest', 'good.qemu.log', '--format', 'morse']],
  [3, ['ingest', 'missing.log']],
  [3, ['ingest', 'useless.qemu.log']],
  [3, ['ingest', 'partly.qemu.log', '--strict']],
  [4, ['traces', '--db', 'missing.db']],
  [4, ['traces', '--db', 'good.qemu.log']],
  [4, ['ingest', 'good.qemu.log', '--db', 'useless.qemu.log']],
  [4, ['ingest', 'good.qemu.log', '--db', 'nowhere/x.db']],
])('exit code %i, as text and as JSON: %j', async (code, args) => {
  const [text, json] = await Promise.all([bellwether(captures(), ...args), bellwether(captures(), ...args, '--json')]);
  expect([text.code, json.code]).toEqual([code, code]);
  const document: unknown = JSON.parse(json.stdout);
  if (code === 0) {
    expect(document).toHaveProperty('traces');
  } else {
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain('Error: ');
    expect(document).toMatchObject({ error: { exit_code: code, code: expect.stringMatching(/^E_/), message: expect.any(String) } });
  }
});

test('untrusted names reach a terminal only in printable form', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'evil\u001b[31m\u202e.log'), reads(1));
  const { stdout } = await bellwether(folder, 'ingest', '.');
  expect(stdout).toContain('evil\\x1b[31m\\u{202e}: ingested');
  const list = await bellwether(folder, 'traces');
  const json = await bellwether(folder, 'traces', '--json');
  for (const output of [stdout, list.stdout, json.stdout]) expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a file large enough for a thread of its own and a small one: the same lines are the same events', async () => {
  const folder = tempFolder();
  const commands = 16_000;
  writeFileSync(join(folder, 'large.log'), reads(commands));
  writeFileSync(join(folder, 'small.log'), reads(commands / 16));
  expect(statSync(join(folder, 'large.log')).size).toBeGreaterThan(4 * 1024 ** 2);
  const { code, stdout } = await bellwether(folder, 'ingest', 'small.log', 'large.log', '--json');
  expect(code).toBe(0);
  const rows = (n: number): object => ({ read: n * LINES_PER_READ, events: n * LINES_PER_READ, ignored: 0, unknown: 0, rejected: 0, lost: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ traces: [{ name: 'small', records: rows(commands / 16) }, { name: 'large', records: rows(commands) }] });
  // The small file is the beginning of the large one.
  const columns = 'seq, kind, time_ns, thread, queue, side, cid, opcode, status, value, extra, place';
  const sql = `SELECT count(*) AS n FROM (SELECT ${columns} FROM events WHERE trace = 'small'
    INTERSECT SELECT ${columns} FROM events WHERE trace = 'large' AND seq < ${commands})`;
  const common = await bellwether(folder, 'query', sql, '--json');
  expect(JSON.parse(common.stdout)).toMatchObject({ rows: [{ n: (commands / 16) * LINES_PER_READ }] });
});
