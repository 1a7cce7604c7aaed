import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledWorkloads, loadWorkload, workloadOf } from '../../src/app/workload-file.js';
import { workloadSchema } from '../../src/app/workload-schema.js';
import { EXIT } from '../../src/base/errors.js';
import { tempFolder } from '../support/temp.js';
import { BUNDLED, described, runOf } from '../support/workloads.js';

const DOCUMENT = readFileSync(new URL('../../docs/workloads.md', import.meta.url), 'utf8');

async function refusal(file: unknown): Promise<string> {
  const path = join(tempFolder(), 'w.json');
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  const error = await loadWorkload(path).then(
    () => undefined,
    (reason: unknown) => reason as { exitCode: number; message: string },
  );
  expect(error?.exitCode).toBe(EXIT.usage);
  return error!.message.slice(error!.message.indexOf(path) + path.length);
}

const GOOD = { name: 'w', jobs: [{}] };

test.each([
  ['no JSON', '{', /^ is no JSON: /],
  ['an unknown key', { ...GOOD, jbos: 1 }, /Unrecognized key: "jbos"/],
  ['no jobs', { name: 'w', jobs: [] }, /→ at jobs/],
  ['a name with a slash', { ...GOOD, name: '../w' }, /expected 1 to 60 of a-z.*\n {2}→ at name/],
  ['a duration without a unit', { ...GOOD, jobs: [{ think: 5 }] }, /expected a duration such as "8\.7us".*\n {2}→ at jobs\[0\]\.think/],
  ['a duration of another unit', { ...GOOD, device: { dispatch: '3 min' } }, /expected a duration with its unit.*\n {2}→ at device\.dispatch/],
  ['two hours', { ...GOOD, jobs: [{ runtime: '7200s' }] }, /an hour is the most\n {2}→ at jobs\[0\]\.runtime/],
  ['a distribution that is none', { ...GOOD, device: { fetch: { normal: '1us' } } }, /expected a duration such as.*\n {2}→ at device\.fetch/],
  ['a batch beyond the depth', { ...GOOD, jobs: [{ iodepth: 2, batch: 3 }] }, /expected at most the iodepth, 2\n {2}→ at jobs\[0\]\.batch/],
  ['a depth beyond the queue', { ...GOOD, guest: { queue_depth: 8 }, jobs: [{ iodepth: 8 }] }, /less than the queue's 8 entries\n {2}→ at jobs\[0\]\.iodepth/],
  ['an empty mix', { ...GOOD, jobs: [{ mix: {} }] }, /expected a share above 0\n {2}→ at jobs\[0\]\.mix/],
  ['two flushes in a batch', { ...GOOD, jobs: [{ iodepth: 4, batch: 4, mix: { write: 1, flush: 1 } }] }, /at most one flush or trim in a batch of 4/],
  ['a vCPU that is not there', { ...GOOD, guest: { vcpus: 2 }, jobs: [{ vcpu: 1, count: 2 }] }, /below the 2 vCPUs.*\n {2}→ at jobs\[0\]\.vcpu/],
  ['too many commands', { ...GOOD, jobs: [{ count: 6, commands: 10_000_000 }] }, /at most 50000000 commands in all, found 60000000/],
  ['too many entries', { ...GOOD, guest: { vcpus: 200, queue_depth: 60_000 }, jobs: [{ count: 200 }] }, /at most 1000000 entries over all queues, found 12000000/],
  ['a block of 1 byte', { ...GOOD, jobs: [{ block: 1 }] }, /block size of 512 bytes to 16 MiB.*\n {2}→ at jobs\[0\]\.block/],
  ['a transport that delivers late', { ...GOOD, machine: { transport: { vcpu: '1us', delivery: '2us' } } }, /→ at machine\.transport/],
])('%s is refused with its path and what is expected', async (_, file, message) => {
  expect(await refusal(file)).toMatch(message);
});

test('a file that is not there, a folder, and an unknown name are refused', async () => {
  await expect(loadWorkload('./nowhere.json')).rejects.toThrow(/can't be read: there is no such file/);
  await expect(loadWorkload(`${tempFolder()}/`)).rejects.toThrow(/is no file/);
  await expect(loadWorkload('fio-2015', BUNDLED)).rejects.toThrow(/^--workload fio-2015: no workload of that name/);
});

test('what comes along is found by its file name, which is its own name', async () => {
  const all = await bundledWorkloads(BUNDLED);
  expect(all.map(({ name }) => name)).toEqual(['fio-2014', 'qemu-2022-qd1', 'qemu-2022-qd2', 'qemu-2022-qd4', 'qemu-2022-qd8']);
  for (const { name } of all) expect((await loadWorkload(name, BUNDLED)).workload.name).toBe(name);
});

test('jobs without a vCPU go round, and shares become fractions', () => {
  const { jobs, guest, cores } = described({ guest: { vcpus: 2 }, jobs: [{ count: 3, mix: { read: 30, write: 10 } }, { name: 'fixed', vcpu: 0 }] });
  expect(jobs.map(({ name, vcpu }) => [name, vcpu])).toEqual([['job 1', 0], ['job 2', 1], ['job 3', 0], ['fixed', 0]]);
  expect(jobs[0]!.mix).toEqual({ read: 0.75, write: 0.25, flush: 0, trim: 0 });
  expect([guest.vcpus, cores]).toEqual([2, 3]);
});

test('without a number of vCPUs there are as many as the jobs ask for', () => {
  expect(described({ jobs: [{ count: 3 }] }).guest.vcpus).toBe(3);
  expect(described({ jobs: [{ vcpu: 4 }, {}] }).guest.vcpus).toBe(5);
});

test('the example of docs/workloads.md is a workload that runs', () => {
  const [, json] = /<!-- example -->\s+```json\n([\s\S]*?)```/.exec(DOCUMENT)!;
  const workload = workloadOf(workloadSchema.parse(JSON.parse(json!)));
  const { commands, stalls, queues } = runOf(workload);
  expect(commands).toBe(20_000 + 5_000);
  expect(stalls).toEqual([]);
  expect(queues.map(({ qid }) => qid)).toEqual([1, 2]);
});

/** Every key of a schema's objects, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
}

test('docs/workloads.md names every key of the schema', async () => {
  const z = await import('zod');
  const keys = new Set(keysOf(z.toJSONSchema(workloadSchema, { io: 'input' })));
  expect(keys.size).toBeGreaterThan(50);
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(DOCUMENT))).toEqual([]);
});
