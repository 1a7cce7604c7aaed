// What package.json and the lock file promise to those who install.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  readonly engines: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}

const manifest = JSON.parse(read('package.json')) as Manifest;

test('Node 20.19 is enough', () => {
  expect(manifest.engines).toEqual({ node: '>=20.19' });
});

test('every dependency is pinned to one version', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(all['better-sqlite3'], 'version 13 crashes on Node 20').toMatch(/^12\./);
});

test('installing runs no script of ours; testing builds first', () => {
  const lifecycle = /^(?:pre|post)|^(?:install|prepare|prepublish|prepublishOnly|prepack|dependencies|shrinkwrap|version)$/;
  expect(Object.keys(manifest.scripts).filter((name) => lifecycle.test(name))).toEqual(['pretest']);
});

test('the lock file names no download address: any registry can serve it', () => {
  const lock = read('package-lock.json');
  expect(lock).toContain('"integrity"');
  expect(lock).not.toContain('"resolved"');
});
