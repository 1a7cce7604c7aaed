// docs/capture.md is made of the recipes: `npx vitest run test/app/capture -u` writes it anew.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { captureDocument } from '../../../src/app/capture/document.js';
import { RECIPES, recipeOf } from '../../../src/app/capture/recipes.js';
import { FORMATS } from '../../../src/formats/registry.js';

test('docs/capture.md says what the recipes say', async () => {
  await expect(captureDocument()).toMatchFileSnapshot('../../../docs/capture.md');
});

test('every format that can be read has a recipe, and no recipe makes another', () => {
  const made = new Set(RECIPES.flatMap(({ formats }) => formats));
  // What `simpletrace.py` prints is made of a capture of qemu-simple, which is read as it is.
  const read = FORMATS.map(({ id }) => id).filter((id) => id !== 'qemu-simpletrace-text');
  expect([...made].toSorted()).toEqual([...read, 'declared'].toSorted());
});

test('kinds are there once, and whole', () => {
  expect(new Set(RECIPES.map(({ kind }) => kind)).size).toBe(RECIPES.length);
  for (const { kind, shows, lacks, commands, ingest, pitfalls } of RECIPES) {
    expect([shows, lacks].every((text) => text.endsWith('.')), kind).toBe(true);
    expect(commands.length, kind).toBeGreaterThan(0);
    expect(ingest.filter((line) => line.startsWith('bellwether ')).length, kind).toBeGreaterThan(0);
    expect(pitfalls.length, kind).toBeGreaterThan(1);
  }
});

test.each(RECIPES)('$kind: its lines are a script that a shell can read', ({ commands, ingest }) => {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: [...commands, ...ingest].join('\n'), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('no recipe leaves its folder, where relative names of images and captures hold', () => {
  expect(RECIPES.flatMap(({ commands }) => commands).filter((line) => line.startsWith('cd '))).toEqual([]);
});

test('captures of KVM name the threads of QEMU: events of vCPUs are not those of its first thread', () => {
  const lines = RECIPES.flatMap(({ commands }) => commands).filter((line) => /trace-cmd record.*kvm:/.test(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toContain('-P $THREADS');
});

test('an unknown kind is told what there is', () => {
  expect(() => recipeOf('qemu')).toThrow(/no kind of capture called "qemu"/);
});
