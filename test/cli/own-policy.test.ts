// Policies of the user's own, by the real binary: what works, and mistakes that end in an error which names them.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, bellwether } from '../support/bellwether.js';
import { temporaryFolder } from '../support/temp.js';

const CAPTURE = fileURLToPath(new URL('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz', import.meta.url));
const folder = temporaryFolder();
const run = (...args: string[]): Promise<Outcome> => bellwether(folder, ...args);

const POLICIES = `
const sq = (program) => ({ side: 'sq', program: { onStart: [{ step: 'reread' }], onCommand: [], onEmpty: [], ...program } });
const publishing = (index) => sq({ onEmpty: [{ step: 'publish', index }, { step: 'barrier' }, { step: 'reread' }] });
export const sound = publishing((view) => view.seen);
export const loops = publishing(() => { for (;;); });
export const throws = publishing((view) => view.state.nothing.there);
export const far = publishing(() => -1);
export const changes = publishing((view) => { view.seen = 0; return 0; });
export const writes = publishing((view) => { view.state[0] = 1; return 0; });
export const typo = publishing((view) => view.posiiton);
export const dated = publishing(() => Date.now() % 4);
export const newDate = publishing(() => new Date().getTime() % 4);
export const random = publishing(() => Math.floor(Math.random() * 4));
export const timed = publishing(() => Math.floor(performance.now()) % 4);
export const exits = publishing(() => process.exit(0));
export const clock = publishing((view) => view.nowNs);
export const misspelt = sq({ onEmpty: [{ step: 'publisch', index: () => 1 }] });
export const unfinished = { side: 'sq', program: { onStart: [] } };
export const lost = sq({ onEmpty: [{ step: 'publish', index: (view) => view.seen }] });
export const silent = sq({});
export const nothing = null;
export const empty = { side: 'sq' };
export const endlessPoll = sq({ onEmpty: [{ step: 'poll', everyNs: () => NaN }] });
export const restless = sq({ onEmpty: [{ step: 'timer', afterNs: 0 }] });
`;

beforeAll(async () => {
  copyFileSync(CAPTURE, join(folder, 'off.qemu.log.gz'));
  writeFileSync(join(folder, 'mine.js'), POLICIES);
  writeFileSync(join(folder, 'endless.js'), 'for (;;);\n');
  expect(await run('ingest', 'off.qemu.log.gz', '--name', 'off')).toMatchObject({ code: 0 });
});

const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ['mine.js#loops', /^Error: policy \.\/mine\.js#loops doesn't come back from onEmpty\[0\]\.index within 3 s$/m],
  ['mine.js#throws', /^Error: policy \.\/mine\.js#throws throws in onEmpty\[0\]\.index: Cannot read/m],
  ['mine.js#far', /^Error: policy \.\/mine\.js#far returns -1 from onEmpty\[0\]\.index: expected an EventIdx/m],
  ['mine.js#endlessPoll', /^Error: policy \.\/mine\.js#endlessPoll returns NaN from onEmpty\[0\]\.everyNs: expected a number of ns/m],
  ['mine.js#changes', /^Error: policy \.\/mine\.js#changes throws in onEmpty\[0\]\.index: Cannot set property seen/m],
  ['mine.js#writes', /^Error: policy \.\/mine\.js#writes throws in onEmpty\[0\]\.index: Cannot assign to read only property '0'/m],
  ['mine.js#typo', /^Error: policy \.\/mine\.js#typo throws in onEmpty\[0\]\.index: a view has no posiiton$/m],
  ['mine.js#dated', /^Error: policy \.\/mine\.js#dated throws in onEmpty\[0\]\.index: Date\.now\(\) differs from run to run/m],
  ['mine.js#newDate', /throws in onEmpty\[0\]\.index: new Date\(\) differs from run to run/m],
  ['mine.js#random', /throws in onEmpty\[0\]\.index: Math\.random\(\) differs from run to run/m],
  ['mine.js#timed', /throws in onEmpty\[0\]\.index: performance\.now\(\) differs from run to run/m],
  ['mine.js#exits', /^Error: policy \.\/mine\.js#exits ended the thread that it ran in$/m],
  ['mine.js#misspelt', /^Error: policy \.\/mine\.js#misspelt has the wrong form: program\.onEmpty\[0\]\.step: /m],
  ['mine.js#unfinished', /^Error: policy \.\/mine\.js#unfinished has the wrong form: program\.onCommand: /m],
  ['mine.js#missing', /^Error: policy \.\/mine\.js#missing is not there: the file exports .*\bsound\b/m],
  ['mine.js#nothing', /^Error: policy \.\/mine\.js#nothing has the wrong form: Invalid input: expected object, received null$/m],
  ['mine.js#empty', /^Error: policy \.\/mine\.js#empty has the wrong form: program: expected a function of the parameters, or an object of step lists$/m],
  ['nowhere.js#any', /^Error: policy \.\/nowhere\.js#any can't be read: ENOENT/m],
  ['endless.js#any', /^Error: policy \.\/endless\.js#any doesn't come back from its file, while that is loaded within 3 s$/m],
];

describe.each(MISTAKES)('%s', (spec, message) => {
  test('verify and replay end with code 3 and name it', async () => {
    const outcomes = await Promise.all([run('verify', `./${spec}`), run('replay', 'off', '--policy', `./${spec}`, '--repeat', '1')]);
    for (const { code, stderr } of outcomes) {
      expect(stderr).toMatch(message);
      expect(code).toBe(3);
    }
  });
});

test('a file without a name, and a name that is nearly one', async () => {
  for (const flag of ['--policy', '--cq-policy']) {
    expect(await run('replay', 'off', flag, './mine.js')).toMatchObject({ code: 2, stderr: expect.stringMatching(/\.\/mine\.js: a file holds policies under names of their own\n.*\.\/mine\.js#NAME/) });
  }
  expect(await run('verify', 'folow-tail')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean follow-tail?') });
  expect((await run('verify', 'nothing-like-it')).stderr).not.toContain('Did you mean');
});

test('a sound one goes through verify, replay and sweep', async () => {
  const verified = JSON.parse((await run('verify', './mine.js#sound', '--json')).stdout);
  expect(verified).toMatchObject({ verdict: 'safe', policies: [{ policy: './mine.js#sound', side: 'sq', id: 'own' }] });
  const own = JSON.parse((await run('replay', 'off', '--policy', './mine.js#sound', '--repeat', '2', '--json')).stdout);
  expect(own.run.parameters).toMatchObject({ policy: './mine.js#sound', policy_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  // It is arm-when-empty without its saving of writes: the same rings, whatever the seed.
  const swept = JSON.parse((await run('sweep', 'off', '--policies', './mine.js#sound', '--seeds', '2', '--json')).stdout);
  expect(swept.points).toEqual([expect.objectContaining({ policy: 'off' }), expect.objectContaining({ policy: './mine.js#sound', verdict: 'safe', cells: 2, stalled: 0 })]);
});

test('its stored run can be charted and reviewed, and is not taken for that of another file', async () => {
  const flags = ['off', '--policy', './mine.js#sound', '--repeat', '2'];
  expect((await run('replay', ...flags)).code).toBe(0);
  expect(await run('report', 'mmio', ...flags, '-o', 'own.csv')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('report', 'review', ...flags, '-o', 'own.html')).toMatchObject({ code: 0, stderr: '' });
  const html = readFileSync(join(folder, 'own.html'), 'utf8');
  expect(html).toMatch(/its file, with SHA-256 [0-9a-f]{64}/);
  expect(html).toContain('bellwether replay off --shadow on --driver linux-batched --device qemu --policy &#39;./mine.js#sound&#39;');
  writeFileSync(join(folder, 'mine.js'), `${POLICIES}// changed\n`);
  expect(await run('report', 'mmio', ...flags, '-o', 'own.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('no run under ./mine.js#sound, as that file is now, is stored') });
  writeFileSync(join(folder, 'mine.js'), POLICIES);
  expect(await run('bundle', ...flags, '-o', 'own.tar.gz')).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be under a policy of your own") });
});

test('what a run saved that stood still is not called a saving', async () => {
  const { code, stdout } = await run('replay', 'off', '--policy', './mine.js#silent', '--repeat', '1');
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nSTALL .*commands wait in the SQ[^]*\nsaved fraction   0\.\d+  of work that was not all done: no prediction\n/);
});

test('an unsafe one gets its counterexample', async () => {
  const { code, stdout } = await run('verify', './mine.js#lost', '--json');
  expect(code).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'lost-wakeup', counterexample: expect.arrayContaining([expect.objectContaining({ action: 'publish' })]) });
});

test('one that reads the clock where it may not can\'t be verified', async () => {
  expect(await run('verify', './mine.js#clock')).toMatchObject({ code: 2, stderr: expect.stringContaining('it reads the time') });
});

test('one that never rests is cut off and reported', async () => {
  const { code, stdout } = await run('replay', 'off', '--policy', './mine.js#restless', '--repeat', '1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).predicted.runaways).toBe(1);
});

test('in a sweep only its own cells fail, and everything else is kept', async () => {
  const { code, stdout } = await run('sweep', 'off', '--policies', './mine.js#loops', './mine.js#throws', 'P8', '--seeds', '2', '--json');
  expect(code).toBe(3);
  const { points, failed } = JSON.parse(stdout) as { points: { policy: string; cells: number }[]; failed: { policy: string; error: string }[] };
  expect(points.map(({ policy, cells }) => [policy, cells])).toEqual([['off', 2], ['arm-when-empty', 2]]);
  expect(failed.map(({ policy }) => policy).toSorted()).toEqual(['./mine.js#loops', './mine.js#throws']);
});

test('policy new writes what works, and replaces nothing unasked', async () => {
  expect(await run('policy', 'new', 'fresh.js')).toMatchObject({ code: 0 });
  expect((await run('policy', 'new', 'fresh.js')).code).toBe(2);
  for (const name of ['patient', 'roomy']) expect(JSON.parse((await run('verify', `./fresh.js#${name}`, '--json')).stdout).verdict, name).toBe('safe');
  expect(await run('verify', './fresh.js#patient:b=0')).toMatchObject({ code: 2, stderr: expect.stringContaining('b = 0: expected a whole number from 1 to 1024') });
});
