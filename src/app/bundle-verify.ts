// Use case: whether a bundle is whole, and whether this version of Bellwether makes the same of its captures.

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputError } from '../base/errors.js';
import { type Manifest, type ManifestTrace, parseManifest } from '../bundle/manifest.js';
import { MAX_ARCHIVE_BYTES, unpackArchive } from '../bundle/tar.js';
import { openStoreForReading } from '../store/open.js';
import { hashOf, readInputs, resultEntries } from './bundle.js';
import { ingest } from './ingest.js';
import { ingestJoined } from './join.js';
import { makeFolder } from './output.js';
import { ownOf } from './own/stand-in.js';
import { commandsOf } from './review-input.js';
import { makeStudy } from './study.js';
import { windowIn } from './time-window.js';

export interface BundleVerifyOptions {
  readonly file: string;
  /** Captures that the bundle holds only the hashes of. */
  readonly inputs: readonly string[];
  readonly toolVersion: string;
}

/** What became of one file of the bundle. */
export interface VerifiedFile {
  readonly path: string;
  /** `damaged`: not what the manifest says; `different`, `missing`: made again, it differs or isn't there; `not made again`: captures lack. */
  readonly verdict: 'same' | 'different' | 'missing' | 'damaged' | 'not made again';
}

export interface BundleVerifyResult {
  readonly tool_version: { readonly bundle: string; readonly here: string };
  readonly files: readonly VerifiedFile[];
  /** Captures that would have to be given to make the results again. */
  readonly captures_missing: readonly { readonly name: string; readonly sha256: string }[];
  /** Null when captures lack, so that only hashes could be checked. */
  readonly reproduced: boolean | null;
  readonly passed: boolean;
}

/** Verifies a bundle. Works in a folder for temporary files, which is removed. Throws an inputError for what is no bundle. */
export async function verifyBundle({ file, inputs, toolVersion }: BundleVerifyOptions): Promise<BundleVerifyResult> {
  const size = await stat(file).then((found) => found.size, () => NaN);
  if (!(size <= MAX_ARCHIVE_BYTES)) throw inputError(`${file}: there is no such file, or it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
  const entries = unpackArchive(await readFile(file));
  const manifestBytes = entries.get('manifest.json');
  if (manifestBytes === undefined) throw inputError(`${file} is no bundle: it has no manifest.json`);
  const manifest = parseManifest(Buffer.from(manifestBytes).toString('utf8'));
  const damaged = new Set(manifest.files.filter(({ path, sha256 }) => !entries.has(path) || hashOf(entries.get(path)!) !== sha256).map(({ path }) => path));
  for (const path of entries.keys()) if (path !== 'manifest.json' && !manifest.files.some((one) => one.path === path)) damaged.add(path);

  const captures = new Map([...(await readInputs(inputs))].map(([sha256, { bytes }]) => [sha256, bytes]));
  for (const { file: path } of manifest.traces.flatMap(({ sources }) => sources)) {
    const bytes = path === null ? undefined : entries.get(path);
    if (bytes !== undefined) captures.set(hashOf(bytes), bytes);
  }
  const missing = manifest.traces.flatMap(({ sources }) => sources.filter(({ sha256 }) => !captures.has(sha256)).map(({ name, sha256 }) => ({ name, sha256 })));
  const made = missing.length > 0 || damaged.size > 0 ? undefined : await makeAgain(manifest, captures, toolVersion);
  const inputPaths = new Set(manifest.traces.flatMap(({ sources }) => sources.map((source) => source.file)));
  const verdictOf = (path: string): VerifiedFile['verdict'] => {
    if (damaged.has(path)) return 'damaged';
    if (inputPaths.has(path)) return 'same';
    if (made === undefined) return 'not made again';
    const again = made.results.get(path);
    if (again === undefined) return 'missing';
    return Buffer.from(again).equals(entries.get(path)!) ? 'same' : 'different';
  };
  const paths = new Set([...manifest.files.map(({ path }) => path), ...damaged, ...(made?.results.keys() ?? [])]);
  const files: VerifiedFile[] = [...paths].map((path) => ({ path, verdict: entries.has(path) || damaged.has(path) ? verdictOf(path) : 'missing' }));
  if (made !== undefined) files.unshift({ path: 'manifest.json', verdict: made.isManifestTrue ? 'same' : 'different' });
  const reproduced = made === undefined ? null : files.every(({ verdict }) => verdict === 'same');
  return { tool_version: { bundle: manifest.tool_version, here: toolVersion }, files, captures_missing: missing, reproduced, passed: damaged.size === 0 && reproduced !== false };
}

interface MadeAgain {
  readonly results: ReadonlyMap<string, Uint8Array>;
  /** Whether the commands in the manifest are those that make it. */
  readonly isManifestTrue: boolean;
}

/** Ingests the captures into a new store, and computes everything that a bundle holds. */
async function makeAgain(manifest: Manifest, captures: ReadonlyMap<string, Uint8Array>, toolVersion: string): Promise<MadeAgain> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-bundle-'));
  try {
    const db = join(folder, 'again.db');
    for (const [i, trace] of manifest.traces.entries()) {
      const paths = await unpackSources(join(folder, String(i)), trace, captures);
      await (paths.length > 1 ? ingestJoined : ingest)({ paths, db, name: trace.name, toolVersion });
    }
    const store = openStoreForReading(db);
    try {
      const { shadow, driver, device, policy, cq_policy: cqPolicy, transport, mend, scenario, window, against_window: againstWindow, seed, repeat } = manifest.what_if;
      const names = { driver: driver ?? undefined, device: device ?? undefined, policy: policy ?? undefined, cqPolicy: cqPolicy ?? undefined, transport: transport ?? undefined, mend, scenario };
      if (ownOf(names).length > 0) throw inputError('manifest.json names a policy in a file: its code is not run');
      const subject = manifest.traces.find(({ role }) => role === 'subject');
      if (subject === undefined) throw inputError('manifest.json names no trace that was replayed');
      const against = manifest.traces.filter(({ role }) => role === 'against').map(({ name }) => name);
      const study = await makeStudy(store, { ...names, trace: subject.name, window: window && windowIn(window), againstWindow: againstWindow && windowIn(againstWindow), shadow: shadow === 'on', seed, repeat, against, toolVersion });
      const results = new Map((await resultEntries(store, study)).map(({ path, bytes }) => [path, bytes]));
      return { results, isManifestTrue: JSON.stringify(commandsOf(store, study)) === JSON.stringify(manifest.reproduce) };
    } finally {
      store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the captures of a trace under their own names, each in a folder of its own: two may share a name. */
async function unpackSources(folder: string, { sources }: ManifestTrace, captures: ReadonlyMap<string, Uint8Array>): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [i, { name, sha256 }] of sources.entries()) {
    const own = join(folder, String(i));
    await makeFolder(own);
    const path = join(own, name);
    await writeFile(path, captures.get(sha256)!);
    paths.push(path);
  }
  return paths;
}
