// verify by the real binary: verdicts, counterexamples, exit codes.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CQ_FAMILIES, SQ_FAMILIES } from '../../src/model/policy/catalogue.js';
import { DEFAULT_BOUNDS } from '../../src/verify/verify.js';
import { type Outcome, bellwether } from '../support/bellwether.js';

const verify = (...args: string[]): Promise<Outcome> => bellwether(process.cwd(), 'verify', ...args);

test('a safe policy: code 0, states and bounds', async () => {
  const text = await verify('arm-when-empty');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/^driver linux-batched, its barrier: full; device barriers: full; memory tso\nqueue of 4 entries, up to 6 commands .* at most 500,000 states\n/);
  expect(text.stdout).toMatch(/\narm-when-empty +P8 +sq +safe +\d+\n$/);

  const { code, stdout } = await verify('P8', '--json');
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  const { depth, commands, batch, maxStates } = DEFAULT_BOUNDS;
  expect(result).toMatchObject({ verdict: 'safe', counterexample: [], driver: 'linux-batched', driver_barrier: 'full', stale: false, bounds: { depth, commands, batch, max_states: maxStates } });
  expect(result.states).toBeGreaterThan(1000);
  expect(result.policies).toEqual([expect.objectContaining({ policy: 'arm-when-empty', side: 'sq', states: result.states })]);
});

test('an unsafe one: code 5 and numbered steps, the same in text and JSON', async () => {
  const args = ['follow-tail', '--driver', 'google-2014'];
  const text = await verify(...args);
  expect(text).toMatchObject({ code: 5, stderr: '' });
  const json = await verify(...args, '--json');
  expect(json).toMatchObject({ code: 5, stderr: '' });
  const { verdict, driver_barrier: barrier, counterexample } = JSON.parse(json.stdout);
  expect([verdict, barrier]).toEqual(['lost-wakeup', 'read']);
  expect(counterexample.map(({ step }: { step: number }) => step)).toEqual(counterexample.map((_: unknown, i: number) => i + 1));
  expect(counterexample[0]).toEqual({ step: 1, thread: 'driver', action: 'add', value: expect.any(Number), text: expect.stringMatching(/^adds /) });
  for (const { step, thread, text: words } of counterexample) expect(text.stdout).toMatch(new RegExp(`\\n +${step}  ${thread}  ${words.replaceAll(/[()]/g, '\\$&')}\\n`));
  expect(text.stdout).toContain('follow-tail (sq) lost-wakeup: the device sleeps at head');

  expect((await verify(...args, '--driver-barrier', 'full')).code).toBe(0);
  expect((await verify(...args, '--memory', 'sc')).code).toBe(0);
  expect((await verify('follow-tail', '--device-barrier', 'none')).code).toBe(5);
  expect((await verify('follow-tail', '--stale', '--json')).stdout).toContain('"verdict": "stale-shadow"');
});

test('a counterexample as a diagram: every ending, theme and width, and no file replaced unasked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-diagram-'));
  try {
    const file = (name: string): string => join(folder, name);
    const args = ['follow-tail', '--driver', 'google-2014', ...['lost.svg', 'lost.png', 'lost.html', 'lost.vl.json', 'lost.csv'].flatMap((name) => ['--diagram', file(name)]), '--theme', 'dark', '--width', '640'];
    const { code, stdout } = await verify(...args, '--json');
    expect(code).toBe(5);
    const svg = readFileSync(file('lost.svg'), 'utf8');
    expect(svg).toMatch(/width="640" .*#17191C/s);
    const { counterexample } = JSON.parse(stdout);
    for (const { step, text } of counterexample) expect(svg).toContain(`${step}. ${text.replaceAll('>', '&gt;')}`);
    expect(readFileSync(file('lost.csv'), 'utf8').trim().split('\n')).toHaveLength(counterexample.length + 1);
    expect(readFileSync(file('lost.html'), 'utf8')).toContain('<h1>follow-tail (SQ) with google-2014');
    expect(await verify(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
    expect((await verify(...args, '--force')).code).toBe(5);
    expect(await verify('follow-tail', '--diagram', file('safe.svg'))).toMatchObject({ code: 0, stderr: expect.stringContaining('no counterexample to draw') });
    expect(existsSync(file('safe.svg'))).toBe(false);
    expect(await verify('follow-tail', '--diagram', file('lost.gif'))).toMatchObject({ code: 2, stderr: expect.stringContaining("a chart's file ends in") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('without a name the whole catalogue, and the verdict of the first that isn\'t safe', async () => {
  const { code, stdout } = await verify('--json');
  expect(code).toBe(5);
  const { verdict, policies, states } = JSON.parse(stdout) as { verdict: string; states: number; policies: { id: string; verdict: string; states: number }[] };
  expect(policies.map(({ id }) => id)).toEqual([...SQ_FAMILIES, ...CQ_FAMILIES].map(({ id }) => id));
  const unsafe = policies.filter((policy) => policy.verdict !== 'safe').map(({ id, verdict: of }) => [id, of]);
  expect(unsafe).toEqual([['P14', 'lost-wakeup'], ['C1', 'lost-completion'], ['C3', 'lost-completion'], ['P2', 'lost-completion']]);
  expect(verdict).toBe('lost-wakeup');
  expect(states).toBe(policies.reduce((sum, policy) => sum + policy.states, 0));
});

test('a name of both sides is the SQ\'s, unless --side says otherwise', async () => {
  expect(JSON.parse((await verify('follow-head', '--json')).stdout).policies[0].side).toBe('sq');
  expect(JSON.parse((await verify('follow-head', '--side', 'cq', '--json')).stdout).policies[0].side).toBe('cq');
});

test('the bound on states: unknown, code 5, and it says so', async () => {
  const { code, stdout } = await verify('follow-tail', '--max-states', '100');
  expect(code).toBe(5);
  expect(stdout).toContain('follow-tail (sq) unknown: the bound of 100 states was reached');
});

test('wrong use: code 2 with the way out', async () => {
  const unknown = await verify('follow-nothing');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/POLICY follow-nothing.*there is no such name[\s\S]*half-depth-asleep/);
  expect((await verify('follow-tail', '--batch', '4')).stderr).toContain('--batch 4: a queue of 4 entries holds at most 3');
  for (const args of [['--memory', 'power'], ['--depth', '1'], ['--max-states', '0'], ['--stale', '--side', 'cq'], ['--driver', 'none']]) expect((await verify(...args)).code, args.join(' ')).toBe(2);
});

test('the same question gives the same bytes, and the help states the bounds', async () => {
  const [a, b] = [await verify('F1', '--json'), await verify('F1', '--json')];
  expect(a.stdout).toBe(b.stdout);
  const help = (await verify('--help')).stdout.replaceAll(/\s+/g, ' ');
  for (const [flag, value] of [['depth', DEFAULT_BOUNDS.depth], ['commands', DEFAULT_BOUNDS.commands], ['batch', DEFAULT_BOUNDS.batch], ['max-states', DEFAULT_BOUNDS.maxStates]]) {
    expect(help).toContain(`--${flag}=N [default: ${value}]`);
  }
});
