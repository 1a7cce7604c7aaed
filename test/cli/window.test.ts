// --from and --to on the real binary: a part of a recording is replayed, validated, swept and reported.
/* oxlint-disable typescript/no-explicit-any -- what a command prints as JSON */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Outcome, bellwether } from '../support/bellwether.js';
import { sharedPair } from '../support/pair.js';

const OFF = 'randread32-off-1';
const ON = 'randread32-on-1';
const QUICK = ['--repeat', '2'];
// Within the I/O of the captures: of OFF there are 64 commands outstanding most of the time from 8.45 s on.
const PART = ['--from', '8.5s', '--to', '8700ms'];

let part: any;
const folder = sharedPair(async () => {
  part = await json('replay', OFF, ...QUICK, ...PART);
});
const run = (...args: string[]): Promise<Outcome> => bellwether(folder, ...args);
const json = async (...args: string[]): Promise<any> => JSON.parse((await run(...args, '--json')).stdout);
const rows = async (sql: string): Promise<any[]> => (await json('query', sql)).rows;

/** Register writes of I/O queues in a trace between two times in ns, as the store has them. */
async function recordedWrites(trace: string, fromNs: number, toNs: number): Promise<{ sq: number; cq: number; total: number }> {
  const counted = await rows(`SELECT side, count(*) AS n FROM doorbells WHERE trace = '${trace}' AND kind = 'doorbell.mmio' AND queue > 0 AND time_ns >= ${fromNs} AND time_ns < ${toNs} GROUP BY side`);
  const of = (side: string): number => counted.find((row) => row.side === side)?.n ?? 0;
  return { sq: of('sq'), cq: of('cq'), total: of('sq') + of('cq') };
}

test('replay: the baseline is what was written in the part, and what was under way is told', async () => {
  expect(part.baseline.mmio).toEqual(await recordedWrites(OFF, 8.5e9, 8.7e9));
  expect(part.window).toMatchObject({ from_ns: 8.5e9, to_ns: 8.7e9 });
  expect(part.window.in_flight_at_start + part.window.in_flight_at_end).toBeGreaterThan(0);
  // A closed loop submits what was submitted in the part, each announcement with a write.
  expect(part.self_check.items[0]).toMatchObject({ recorded: part.baseline.mmio.sq, replayed: part.baseline.mmio.sq });
  expect(part.run.name).toBe(`${OFF}/shadow-on/follow-tail+follow-head/8.5s..8.7s`);
  expect(await rows("SELECT json_extract(parameters, '$.window.to_ns') AS to_ns FROM runs")).toEqual([{ to_ns: 8.7e9 }]);
});

test('another spelling of the same moments is the same run, and printed with what was under way', async () => {
  const { stdout } = await run('replay', OFF, ...QUICK, '--from', '8500ms', '--to', '8.7');
  expect(stdout).toContain(`Of the trace only 8.5s..8.7s was replayed and is counted: ${part.window.in_flight_at_start} commands under way at its start are not replayed`);
  expect(await rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: 1 }]);
});

test.each([
  [['replay', OFF, '--from', '3s', '--to', '2s'], '--from 3s --to 2s: the window is empty', '--from 2s --to 3s'],
  [['replay', OFF, '--from', '2s', '--to', '3s'], `--from 2s: trace ${OFF} shows no I/O from 2s to 3s`, 'The I/O behind it begins at 7.'],
  [['replay', '--workload', 'fio-2014', '--from', '1'], '--workload fio-2014 replays none', 'Leave them out'],
  [['validate', OFF, '--against', ON, '--against-from', '2', '--against-to', '1'], '--against-from 2 --against-to 1: the window is empty', '--against-from 1 --against-to 2'],
  [['sweep', OFF, '--from', '2', '--to', '1'], 'the window is empty', '--from 1 --to 2'],
  [['report', 'timeline', OFF, '-o', 'x.svg', '--from', 'soon'], '--from soon', '--from 1.5s'],
])('%j is refused, with the flag and a way out', async (args, message, wayOut) => {
  const { code, stderr, stdout } = await run(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr).toContain(wayOut);
});

test('validate: the captures have a window of their own, and their writes are scaled to as many commands', async () => {
  const commandsOf = async (trace: string, fromNs: number, toNs: number): Promise<number> =>
    (await rows(`SELECT count(*) AS n FROM events WHERE trace = '${trace}' AND kind = 'command.fetch' AND queue > 0 AND time_ns >= ${fromNs} AND time_ns < ${toNs}`))[0].n;
  const { baseline, captured, window } = await json('validate', OFF, '--against', ON, ...QUICK, ...PART, '--against-from', '10.2', '--against-to', '10400ms', '--max-error', '1');
  const writes = await recordedWrites(ON, 10.2e9, 10.4e9);
  const factor = (await commandsOf(OFF, 8.5e9, 8.7e9)) / (await commandsOf(ON, 10.2e9, 10.4e9));
  expect(factor).not.toBe(1);
  expect(captured[0].mmio).toMatchObject({ sq: Math.round(writes.sq * factor), cq: Math.round(writes.cq * factor) });
  expect(captured[0].saved).toBeCloseTo(1 - captured[0].mmio.total / baseline.mmio.total, 12);
  expect(window).toEqual(part.window);
});

test('sweep: cells of a part are cells of their own, and "report sweep" draws those of the part that is asked for', async () => {
  const grid = ['sweep', OFF, '--policies', 'follow-tail', '--seeds', '1'];
  const whole = await json(...grid);
  const cut = await json(...grid, ...PART);
  expect([whole.computed, cut.computed, cut.reused]).toEqual([2, 2, 0]);
  expect(cut.cells[0].window).toEqual({ from_ns: 8.5e9, to_ns: 8.7e9 });
  expect(cut.cells[0].commands).toBeLessThan(whole.cells[0].commands);
  const points = await rows('SELECT from_ns, to_ns, cells, saved_fraction FROM sweep_points ORDER BY from_ns, mmio_per_io DESC');
  expect(points.map(({ from_ns, to_ns, cells }) => [from_ns, to_ns, cells])).toEqual([[null, null, 1], [null, null, 1], [8.5e9, 8.7e9, 1], [8.5e9, 8.7e9, 1]]);
  expect(points.map(({ saved_fraction: saved }) => saved === 0)).toEqual([true, false, true, false]);
  expect((await run('report', 'sweep', OFF, ...PART, '-o', 'part.svg')).code).toBe(0);
  expect(readFileSync(join(folder, 'part.svg'), 'utf8')).toContain('8.5s..8.7s');
  const missing = await run('report', 'sweep', OFF, '--from', '8.6', '-o', 'none.svg');
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toContain(`bellwether sweep ${OFF} --from 8600000000ns`);
});

test('a review of a part takes the stored run, says so, and its commands make it again', async () => {
  const against = ['--against', ON, '--against-from', '10.2'];
  expect(await run('report', 'review', OFF, ...PART, ...QUICK, ...against, '-o', 'part.html')).toMatchObject({ code: 0, stderr: '' });
  const html = readFileSync(join(folder, 'part.html'), 'utf8');
  expect(html).toContain('8.5s..8.7s');
  expect(html).toContain(`${part.window.in_flight_at_start} commands under way at its start are not replayed`);
  expect(html).toContain('--from 8500000000ns --to 8700000000ns');
  expect(html).toContain('--against-from 10200000000ns');
});

test('info --calibration tells what the part is calibrated from', async () => {
  const { calibration } = await json('info', OFF, '--calibration', ...PART);
  const commands = calibration.queues.reduce((sum: number, queue: any) => sum + queue.commands, 0);
  expect(commands).toBe(part.predicted.commands);
});
