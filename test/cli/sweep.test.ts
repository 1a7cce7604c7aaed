// Sweeps and searches by the real binary, on a small real capture.
/* oxlint-disable typescript/no-explicit-any -- what a command prints as JSON */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { type Outcome, bellwether, outcome, start } from '../support/bellwether.js';
import { temporaryFolder } from '../support/temp.js';

const CAPTURE = fileURLToPath(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url));
const OTHER_CAPTURE = fileURLToPath(new URL('../../fixtures/qemu-log/randread32-on-1.qemu.log.gz', import.meta.url));
const folder = temporaryFolder();
const run = (...args: string[]): Promise<Outcome> => bellwether(folder, ...args);
const json = async (...args: string[]): Promise<any> => JSON.parse((await run(...args, '--json')).stdout);

beforeAll(async () => {
  copyFileSync(CAPTURE, join(folder, 'off.qemu.log.gz'));
  expect(await run('ingest', 'off.qemu.log.gz', '--name', 'off')).toMatchObject({ code: 0 });
});

test('a grid: each cell once, "off" beside it, no cell twice, the same numbers for any number of threads', async () => {
  const grid = ['sweep', 'off', '--policies', 'follow-tail', 'look-ahead:k=1/4', '--cq-policies', 'C2', 'C5', '--transports', 'userspace-exit', 'forwarded'];
  const two = [...grid, '--seeds', '2'];
  const first = await json(...two, '-j', '1');
  // For each transport: "off", and three SQ policies with two CQ policies each.
  expect([first.computed, first.reused, first.cells.length]).toEqual([2 * 2 * (1 + 3 * 2), 0, 28]);
  const second = await json(...two);
  expect([second.computed, second.reused]).toEqual([0, 28]);
  expect(second.cells).toEqual(first.cells);
  const more = await json(...grid, '--seeds', '3');
  expect([more.computed, more.reused]).toEqual([14, 28]);
  expect((await json(...two, '--db', 'other.db')).error.code).toBe('E_STORE');
  await run('ingest', 'off.qemu.log.gz', '--name', 'off', '--db', 'other.db');
  expect((await json(...two, '-j', '2', '--db', 'other.db')).cells).toEqual(first.cells);
});

test('a cell is the run of a replay with that seed', async () => {
  const { cells } = await json('sweep', 'off', '--policies', 'P8', '--seed', '7', '--seeds', '1');
  const { predicted } = await json('replay', 'off', '--policy', 'P8', '--seed', '7', '--repeat', '1');
  const cell = cells.find(({ policy }: { policy: string }) => policy === 'arm-when-empty');
  expect(cell).toMatchObject({ mmio: predicted.mmio, commands: predicted.commands });
  expect(cell.latency).toEqual({ p50_ns: Math.round(predicted.latency.p50_ns), p99_ns: Math.round(predicted.latency.p99_ns) });
});

test('the views tell what the command tells', async () => {
  const { points } = await json('sweep', 'off', '--policies', 'P8', 'P14', '--seeds', '3', '--transports', 'nested-exit');
  const { rows } = await json('query', "SELECT * FROM sweep_points WHERE transport = 'nested-exit' ORDER BY policy = 'off' DESC, policy");
  expect(rows.map(({ policy }: { policy: string }) => policy)).toEqual(['off', 'arm-when-empty', 'depth-gated']);
  for (const { policy, cells, mmio_per_io: mmio, p99_ns: p99, poll_cpu: poll, verdict, unsafe_policy: unsafe, saved_fraction: saved } of rows) {
    const point = points.find((each: { policy: string }) => each.policy === policy);
    expect(point).toMatchObject({ cells, verdict, unsafe_policy: unsafe });
    expect(point.mmio_per_io).toBeCloseTo(mmio, 10);
    expect(Math.abs(point.p99_ns - p99)).toBeLessThanOrEqual(0.5);
    expect(point.poll_cpu).toBeCloseTo(poll, 10);
    expect(saved).toBeCloseTo(1 - mmio / points[0].mmio_per_io, 10);
  }
  expect(rows[2]).toMatchObject({ verdict: 'lost-wakeup', unsafe_policy: 'depth-gated' });
});

test('winners keep the limits, and what isn\'t safe never wins', async () => {
  const { winners, points } = await json('sweep', 'off', '--policies', 'P14', 'P8', 'P4', '--seeds', '2', '--max-poll-cpu', '0.01', '--max-p99-us', '1');
  const of = (constraint: string): any => winners.find((each: { constraint: string }) => each.constraint === constraint).winner;
  expect(of('none').policy).toBe('trail-by-one');
  expect(of('polling <= 0.01').policy).toBe('arm-when-empty');
  expect(of('p99 <= 1 us')).toBe(null);
  expect(of('p99 <= 1 us, polling <= 0.01')).toBe(null);
  expect(points.find(({ policy }: { policy: string }) => policy === 'depth-gated').verdict).toBe('lost-wakeup');
});

test('report sweep: what is stored, in every format; who wins as in sweep', async () => {
  expect(await run('report', 'sweep', 'off', '-o', 'none.svg', '--db', 'empty.db')).not.toMatchObject({ code: 0 });
  const args = ['off', '--policies', 'P14', 'P8', 'P5', '--seeds', '2', '--drivers', 'linux-6.8'];
  const swept = await json('sweep', ...args, '--max-poll-cpu', '0.01');
  const files = ['svg', 'png', 'html', 'vl.json', 'csv'].map((ending) => `frontier.${ending}`);
  const { code, stdout, stderr } = await run('report', 'sweep', 'off', '--driver', 'linux-6.8', '--max-poll-cpu', '0.01', ...files.flatMap((file) => ['-o', file]), '--json');
  expect([code, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  expect(report.files).toEqual(files);
  const names = (winners: any): unknown => winners.map(({ constraint, winner }: any) => [constraint, winner.policy, winner.cq_policy]);
  expect(names(report.winners)).toEqual(names(swept.winners));
  const [header = '', ...lines] = readFileSync(join(folder, 'frontier.csv'), 'utf8').trim().split('\n');
  // A cell with a comma in it is quoted.
  const cellsOf = (line: string): string[] => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const rows = lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, i) => [header.split(',')[i], cell])));
  expect(rows).toHaveLength(swept.points.length);
  for (const point of swept.points) {
    const row = rows.find(({ policy, cq_policy: cq }) => policy === point.policy && cq === point.cq_policy)!;
    expect(Number(row['mmio_per_io'])).toBeCloseTo(point.mmio_per_io, 9);
    expect(row['status'] === 'unsafe or stalled').toBe(point.verdict !== 'safe' || point.stalled > 0);
  }
  const depthGated = ({ policy }: any): boolean => policy === 'depth-gated';
  const { stalled, cells } = swept.points.find(depthGated);
  const flaw = stalled > 0 ? `lost-wakeup, stalled in ${stalled} of ${cells} runs` : 'lost-wakeup';
  expect(rows.find(depthGated)!['flaw']).toBe(flaw);
  expect(readFileSync(join(folder, 'frontier.svg'), 'utf8')).toContain('depth-gated: lost-wakeup');
  expect((await run('report', 'sweep', 'off', '--driver', 'nobody', '-o', 'no.svg')).stderr).toContain('linux-6.8');
  await run('ingest', OTHER_CAPTURE, '--name', 'other');
  expect(await run('report', 'sweep', 'other', '-o', 'no.svg')).toMatchObject({ code: 2, stderr: expect.stringContaining('bellwether sweep other') });
  expect((await run('report', 'review', 'off', '--repeat', '2', '-o', 'review.html')).code).toBe(0);
  expect(readFileSync(join(folder, 'review.html'), 'utf8')).toContain('id="figure-sweep"');
});

test('a sweep file; mistakes in it are told with their place', async () => {
  const file = (content: unknown): void => writeFileSync(join(folder, 'sweep.json'), typeof content === 'string' ? content : JSON.stringify(content));
  file({ traces: ['off'], policies: ['P5', { policy: 'look-ahead', parameters: { k: [1, 2] } }], seeds: 1 });
  const { points } = await json('sweep', '--file', 'sweep.json');
  expect(points.map(({ policy }: { policy: string }) => policy)).toEqual(['off', 'follow-tail', 'look-ahead:k=1', 'look-ahead:k=2']);
  const refused = async (content: unknown): Promise<Outcome> => {
    file(content);
    return run('sweep', '--file', 'sweep.json');
  };
  expect(await refused({ policies: 5 })).toMatchObject({ code: 3, stderr: expect.stringMatching(/sweep\.json: policies: .*expected array/) });
  expect(await refused({ seeds: 0 })).toMatchObject({ code: 3, stderr: expect.stringMatching(/sweep\.json: seeds: .*>=1/) });
  expect(await refused([])).toMatchObject({ code: 3, stderr: expect.stringMatching(/sweep\.json: Invalid input: expected object/) });
  expect(await refused('{')).toMatchObject({ code: 3, stderr: expect.stringContaining('sweep.json: ') });
  expect(await refused({ traces: ['off'], policies: ['look-ahead:k=none'] })).toMatchObject({ code: 2, stderr: expect.stringContaining('k = none: expected a whole number from 1 to 65534') });
  const parameters = (given: object): object => ({ traces: ['off'], policies: ['P5', { policy: 'look-ahead', parameters: given }] });
  expect((await refused(parameters({ k: 'many' }))).stderr).toContain('sweep.json: policies[1].parameters.k: expected a number, or a list of numbers');
  expect((await refused(parameters({ k: [1, 'many'] }))).stderr).toContain('sweep.json: policies[1].parameters.k[1]: Invalid input: expected number');
  expect((await refused(parameters({ k: [1, 0] }))).stderr).toContain('sweep.json: policies[1].parameters: k = 0: expected a whole number from 1 to 65534');
  expect((await refused(parameters({ timer: 5 }))).stderr).toMatch(/sweep\.json: policies\[1\]\.parameters: there is no parameter timer[^]*k, timer-us/);
  expect((await refused({ traces: ['off'], policies: ['P5', 5] })).stderr).toContain('sweep.json: policies[1]: expected a name, or an object of policy and parameters');
  expect((await refused({ traces: ['off'], drivers: ['linux-batch'] })).stderr).toMatch(/sweep\.json: drivers\[0\] linux-batch: there is no such name[^]*Did you mean linux-batched\?/);
  expect((await run('sweep', '--file', 'none.json')).stderr).toContain('none.json: there is no such file');
  expect(await refused({ traces: ['off'], policies: ['no-such'] })).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no such name') });
});

test('a limit out of range is a mistake of use', async () => {
  for (const limit of ['-4', '', 'x', 'NaN']) expect(await run('sweep', 'off', `--max-p99-us=${limit}`)).toMatchObject({ code: 2, stderr: expect.stringContaining('Expected a number from 0 to 1000000000') });
});

test('Ctrl-C keeps what is done, and the same command goes on', async () => {
  const args = ['sweep', 'off', '--seeds', '100', '--seed', '500', '--policies', 'P5', 'P8', '-j', '1', '--json'];
  const child = start(folder, ...args);
  child.stdin.end();
  const ended = outcome(child);
  for (;;) {
    const { rows } = await json('query', 'SELECT count(*) AS cells FROM sweep_cells WHERE seed >= 500');
    if (rows[0].cells > 0 || child.exitCode !== null) break;
  }
  child.kill('SIGINT');
  const { code } = await ended;
  expect(code).toBe(130);
  const { computed, reused } = await json(...args.slice(0, -1));
  expect(reused).toBeGreaterThan(0);
  expect(computed + reused).toBe(3 * 100);
});

test('optimize: within the budget, deterministic, each point safe, confirmed and within the limits', async () => {
  const args = ['optimize', 'off', '--budget', '70', '--max-poll-cpu', '0.1', '--max-p99-us', '6000'];
  const found = await json(...args, '-j', '2');
  expect(found.runs).toBeLessThanOrEqual(70);
  expect(found.tried).toBeGreaterThan(28);
  expect(found.frontier.length).toBeGreaterThan(0);
  for (const { verdict, stalled, cells, poll_cpu: poll, p99_ns: p99 } of found.frontier) {
    expect([verdict, stalled, cells]).toEqual(['safe', 0, 5]);
    expect(poll).toBeLessThanOrEqual(0.1);
    expect(p99).toBeLessThanOrEqual(6e6);
  }
  expect(found.winner).toEqual(found.frontier[0]);
  expect(await json(...args, '-j', '1')).toEqual(found);
  expect(await run('optimize', 'off', '--max-poll-cpu', '3')).toMatchObject({ code: 2, stderr: expect.stringMatching(/--max-poll-cpu\s[^]*number from 0 to 1 but received: 3/) });
  expect(await run('optimize', 'off', '--budget', '5')).toMatchObject({ code: 2, stderr: expect.stringContaining('--budget 5') });
});
