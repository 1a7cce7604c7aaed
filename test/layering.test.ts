// Who may import whom. One table for our own rooms, one for packages; everything else is refused.

import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Room -> rooms of ours that it may import; a room may always import itself. As in docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  nvme: ['base'],
  trace: ['base', 'nvme'],
  formats: ['trace', 'nvme', 'base'],
  store: ['trace', 'base'],
  history: ['trace', 'nvme', 'base'],
  model: ['nvme', 'trace', 'base'],
  replay: ['model', 'history', 'metrics', 'trace', 'nvme', 'base'],
  verify: ['model', 'nvme', 'base'],
  metrics: ['trace', 'nvme', 'base'],
  charts: ['metrics', 'base'],
  report: ['charts', 'metrics', 'base'],
  bundle: ['base'],
  export: ['trace', 'metrics', 'base'],
  app: ['formats', 'store', 'history', 'model', 'replay', 'verify', 'metrics', 'charts', 'report', 'bundle', 'export', 'trace', 'nvme', 'base'],
  cli: ['app', 'base'],
  commands: ['app', 'cli', 'base'],
  bin: [],
};

/** Package -> rooms that may name it. A package that stands here with no room is declared and not used yet. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['store'],
  vega: ['charts'],
  'vega-lite': ['charts'],
  '@resvg/resvg-js': ['charts'],
  'dejavu-fonts-ttf': ['charts'],
  '@oclif/core': ['cli', 'commands', 'bin'],
  '@oclif/plugin-help': [],
  'apache-arrow': ['export'],
  'hyparquet-writer': ['export'],
  zod: ['formats', 'app', 'bundle'],
};

/** Rooms whose results depend on their arguments alone. */
const PURE = ['base', 'nvme', 'trace', 'metrics', 'history', 'model', 'replay', 'verify'];
const IMPURE = /\b(?:Date\.now|new Date\(|performance\.now|Math\.random|process\.|setTimeout|setInterval)/;

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

const STATEMENTS = [
  /^(?:import|export)\b[^;]*?\sfrom\s*['"]([^'"]+)['"]/gm,
  /^import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
];

function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/');
  return top === 'src' ? room : top;
}

const files = ['src', 'commands', 'bin'].flatMap((folder) =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name))
    .map((name) => posix.join(folder, name)),
);
const textOf = new Map(files.map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
const imports: readonly Import[] = [...textOf].flatMap(([file, text]) =>
  STATEMENTS.flatMap((statement) => [...text.matchAll(statement)]).map(([, target = '']) => ({ file, room: roomOf(file), target })),
);
const ours = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((edge) => ({ ...edge, target: posix.join(posix.dirname(edge.file), edge.target) }));
const foreign = imports.filter(({ target }) => !target.startsWith('.'));

function list(edges: readonly Import[]): readonly string[] {
  return edges.map(({ file, target }) => `${file} -> ${target}`);
}

test('the scan sees every room and hundreds of imports', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(ours.length).toBeGreaterThan(300);
  expect(foreign.length).toBeGreaterThan(20);
  expect([...new Set(files.map(roomOf))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
});

test('a room imports only the rooms below it', () => {
  const refused = ours.filter(({ room, target }) => roomOf(target) !== room && !MAY_IMPORT[room]!.includes(roomOf(target)));
  expect(list(refused)).toEqual([]);
});

test('bin imports nothing of ours: it starts oclif on the build', () => {
  expect(list(ours.filter(({ room }) => room === 'bin'))).toEqual([]);
});

test('only Node itself and packages with an owner are imported', () => {
  const packages = foreign.filter(({ target }) => !target.startsWith('node:'));
  expect(list(packages.filter(({ target }) => !(packageOf(target) in OWNERS)))).toEqual([]);
});

test('a package is named by its owner alone, also where it is loaded by name', () => {
  const named = Object.entries(OWNERS).flatMap(([name, owners]) =>
    files
      .filter((file) => new RegExp(`['"\`]${name}(?:/[^'"\`]*)?['"\`]`).test(textOf.get(file)!) && !owners.includes(roomOf(file)))
      .map((file) => `${file} -> ${name}`),
  );
  expect(named).toEqual([]);
});

test('pure rooms use no package, no file system, no clock, no timer and no randomness', () => {
  expect(list(foreign.filter(({ room }) => PURE.includes(room)))).toEqual([]);
  const impure = files.filter((file) => PURE.includes(roomOf(file)) && IMPURE.test(textOf.get(file)!));
  expect(impure).toEqual([]);
});

function packageOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}
