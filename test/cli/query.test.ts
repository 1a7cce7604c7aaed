import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bellwether, outcome, start } from '../support/bellwether.js';
import { LINES_PER_READ, reads } from '../support/qemu-lines.js';
import { tempFolder } from '../support/temp.js';

/** A folder with a store of ten reads. */
async function withStore(): Promise<string> {
  const folder = tempFolder();
  writeFileSync(join(folder, 'ten.log'), reads(10));
  expect((await bellwether(folder, 'ingest', 'ten.log')).code).toBe(0);
  return folder;
}

const BY_KIND = 'SELECT kind, count(*) AS n, NULL AS none FROM events GROUP BY kind ORDER BY kind';

test('a table, CSV and JSON', async () => {
  const folder = await withStore();
  const table = await bellwether(folder, 'query', BY_KIND);
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout.split('\n')).toEqual([
    'kind               n  none',
    'command.complete  10',
    'command.fetch     10',
    'doorbell.mmio     20',
    '',
  ]);
  const csv = await bellwether(folder, 'query', '--csv', BY_KIND);
  expect(csv.stdout).toBe('kind,n,none\ncommand.complete,10,\ncommand.fetch,10,\ndoorbell.mmio,20,\n');
  const json = await bellwether(folder, 'query', '--json', '--limit', '1', BY_KIND);
  expect(JSON.parse(json.stdout)).toEqual({
    columns: ['kind', 'n', 'none'],
    rows: [{ kind: 'command.complete', n: 10, none: null }],
    truncated: true,
  });
});

test('CSV quotes what needs it', async () => {
  const sql = `SELECT 'a,b' AS "x,y", 'say "hi"' AS q, '' AS e, 'two' || char(10) || 'lines' AS l`;
  const { stdout } = await bellwether(await withStore(), 'query', '--csv', sql);
  expect(stdout).toBe('"x,y",q,e,l\n"a,b","say ""hi""","","two\nlines"\n');
});

test('columns of the same name are told apart in JSON', async () => {
  const { stdout } = await bellwether(await withStore(), 'query', '--json', 'SELECT 1 AS a, 2 AS a, 9223372036854775807 AS b');
  expect(JSON.parse(stdout)).toMatchObject({ columns: ['a', 'a_2', 'b'], rows: [{ a: 1, a_2: 2, b: '9223372036854775807' }] });
});

test('SQL from standard input', async () => {
  const child = start(await withStore(), 'query', '-', '--csv');
  child.stdin.end('SELECT count(*) AS n FROM doorbells\n');
  expect((await outcome(child)).stdout).toBe(`n\n${(10 * LINES_PER_READ) / 2}\n`);
});

test.each(['DELETE FROM trace', 'SELECT missing', 'SELECT 1; SELECT 2'])('%s is wrong use: exit code 2', async (sql) => {
  const folder = await withStore();
  expect((await bellwether(folder, 'query', sql)).code).toBe(2);
  const json = await bellwether(folder, 'query', sql, '--json');
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stdout)).toHaveProperty('error.exit_code', 2);
  expect((await bellwether(folder, 'query', 'SELECT count(*) FROM traces', '--csv')).stdout).toContain('\n1\n');
});

test.each(['table', 'csv'])('a reader that goes away ends an endless %s quietly', async (form) => {
  const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
  const child = start(await withStore(), 'query', endless, ...(form === 'csv' ? ['--csv'] : []));
  // Until then the pipe is full, and the program waits.
  await setTimeout(500);
  child.stdout.once('data', () => child.stdout.destroy());
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' });
});

test('the schema and the formats', async () => {
  const folder = tempFolder();
  const schema = await bellwether(folder, 'schema');
  expect(schema.stdout).toMatch(/^Schema version 7\n\ntraces: .*\n {2}column +meaning\n {2}id /);
  const schemaJson = await bellwether(folder, 'schema', '--json');
  expect(JSON.parse(schemaJson.stdout)).toMatchObject({
    version: 7,
    views: expect.arrayContaining([expect.objectContaining({ name: 'events' })]),
  });
  const formats = await bellwether(folder, 'list', 'formats');
  expect(formats.stdout).toMatch(/^format +reads\nqemu-log +/);
  const formatsJson = await bellwether(folder, 'list', 'formats', '--json');
  expect(JSON.parse(formatsJson.stdout)).toMatchObject({
    formats: expect.arrayContaining([{ id: 'qemu-log', title: expect.any(String) }]),
  });
});
