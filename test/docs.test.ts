// The documentation is run: every `bellwether` command in a ```sh block of the README and of docs/ is executed, in
// order, in a folder that holds the bundled captures. A command must end with exit code 0, and print what the README shows of it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectPicture } from './charts/support.js';
import { pairFolder } from './support/pair.js';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'bin/run.js');
const CAPTURES = [
  'qemu-log/randread32-off-1.qemu.log.gz',
  'qemu-log/randread32-on-1.qemu.log.gz',
  'joined/kvm-on.guest.trace.gz',
  'joined/kvm-on.host.trace.gz',
  'joined/kvm-on.qemu.log.gz',
];

const documents = ['README.md', ...markdownFiles('docs')];

function markdownFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .toSorted();
}

/** The shell blocks of a document. */
function shellBlocks(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
}

/** Its `bellwether` command lines, in order; comment lines and other programs are left out. */
function commands(text: string): string[] {
  return shellBlocks(text).flatMap((block) => block.split('\n').filter((line) => line.startsWith('bellwether ')));
}

/** The lines of the indented blocks that stand right behind a ```sh block: what its commands print. */
function shownOutput(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n[\s\S]*?^```\n\n((?: {4}.*\n|\n(?= {4}))+)/gm)].map((match) => match[1]!);
  return blocks.flatMap((block) => block.split('\n').map((line) => line.slice(4))).filter((line) => line !== '');
}

describe('the documentation', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellwether-docs-'));
    for (const name of CAPTURES) copyFileSync(join(ROOT, 'fixtures', name), join(folder, basename(name)));
    // Only what isn't compressed can be followed. In a folder of its own, since `ingest .` takes all files.
    mkdirSync(join(folder, 'vm'));
    writeFileSync(join(folder, 'vm', 'qemu.log'), gunzipSync(readFileSync(join(ROOT, 'fixtures', CAPTURES[1]!))));
    const [, example] = /<!-- example -->\s+```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/workloads.md'), 'utf8'))!;
    writeFileSync(join(folder, 'mine.json'), example!);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows commands to run', () => {
    const shown = documents.flatMap((name) => commands(readFileSync(join(ROOT, name), 'utf8')));
    expect(shown.length).toBeGreaterThan(5);
  });

  it.each(documents)('%s: its commands work', (name) => {
    const text = readFileSync(join(ROOT, name), 'utf8');
    const printed = new Set<string>();
    for (const command of commands(text)) {
      const line = command.replace(/^bellwether /, `"${process.execPath}" "${BIN}" `);
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' });
      expect({ command, status, stderr: status === 0 ? '' : stderr }).toEqual({ command, status: 0, stderr: '' });
      for (const each of stdout.split('\n')) printed.add(each.trimEnd());
    }
    // Other documents explain instead of quoting.
    if (name === 'README.md') expect(shownOutput(text).filter((line) => !printed.has(line))).toEqual([]);
  });

  it.each(readdirSync(join(ROOT, 'docs/images')).filter((name) => !name.includes('.changed.')))('images/%s is what the command in charts.md draws', async (name) => {
    const own = await pairFolder();
    const [command = ''] = commands(readFileSync(join(ROOT, 'docs/charts.md'), 'utf8')).filter((line) => line.includes(` -o ${name}`));
    const { status, stderr } = spawnSync('sh', ['-c', command.replace(/^bellwether /, `"${process.execPath}" "${BIN}" `)], { cwd: own, encoding: 'utf8' });
    expect({ command, status, stderr }).toEqual({ command: expect.stringContaining('report'), status: 0, stderr: '' });
    expectPicture(join(ROOT, 'docs/images', name), readFileSync(join(own, name), 'utf8'));
  });

  it.each(documents)('%s: its links to files lead somewhere', (name) => {
    const text = readFileSync(join(ROOT, name), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
    for (const target of targets) expect(() => readFileSync(join(ROOT, name, '..', target)), `${name} -> ${target}`).not.toThrow();
  });
});
