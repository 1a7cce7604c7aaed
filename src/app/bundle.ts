// Use case: a what-if with all that belongs to it as one archive, and its repetition from what the archive holds.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { inputError, usageError } from '../base/errors.js';
import { type ArchiveEntry, MAX_ARCHIVE_BYTES, packArchive } from '../bundle/tar.js';
import { type Manifest, type ManifestTrace, MANIFEST_VERSION, manifestSchema } from '../bundle/manifest.js';
import { chartFile } from '../charts/write.js';
import { type Store, openStoreForReading } from '../store/open.js';
import type { TraceRow } from '../store/queries.js';
import { listSources } from '../store/sources.js';
import { catalogue } from './catalogue.js';
import { writeNewFile } from './new-file.js';
import { ownOf } from './own/stand-in.js';
import { commandsOf } from './review-input.js';
import { renderReview } from './report.js';
import { parseSpec } from './specs.js';
import { type Study, type StudyOptions, makeStudy } from './study.js';
import { windowOut } from './time-window.js';

export interface BundleOptions extends StudyOptions {
  readonly db: string;
  /** The archive to write: .tar.gz or .tgz. */
  readonly output: string;
  readonly force: boolean;
  /** Capture files to put into it, recognised by their hashes. */
  readonly inputs: readonly string[];
}

export interface BundleResult {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly entries: readonly string[];
  /** Captures of which only the hash is in the bundle. */
  readonly inputs_by_hash: readonly string[];
}

/** Makes a bundle. The same store, options and version give the same bytes. */
export async function bundle(options: BundleOptions): Promise<BundleResult> {
  refuseOwn(options);
  if (!/\.(?:tar\.gz|tgz)$/i.test(options.output)) throw usageError(`-o ${options.output}: a bundle is written as .tar.gz`);
  const captures = await readInputs(options.inputs);
  const store = openStoreForReading(options.db);
  try {
    const study = await makeStudy(store, options);
    const traces = tracesOf(store, study, captures);
    const used = traces.flatMap(({ sources }) => sources).filter(({ file }) => file !== null);
    const unknown = [...captures].find(([sha256]) => !used.some((source) => source.sha256 === sha256));
    if (unknown !== undefined) throw usageError(`--input ${unknown[1].path}: none of the traces was read from this file`);
    const results = await resultEntries(store, study);
    const inputs = used.map(({ file, sha256 }) => ({ path: file!, bytes: captures.get(sha256)!.bytes }));
    const entries = [...results, ...inputs];
    const archive = packArchive([manifestEntry(store, study, traces, entries), ...entries]);
    await writeNewFile(options.output, archive, options.force);
    return {
      file: options.output,
      bytes: archive.length,
      sha256: hashOf(archive),
      entries: ['manifest.json', ...entries.map(({ path }) => path)],
      inputs_by_hash: traces.flatMap(({ sources }) => sources.filter((source) => source.file === null).map(({ name }) => name)),
    };
  } finally {
    store.close();
  }
}

/** A bundle holds no code: whoever verifies it would run what others wrote. */
function refuseOwn(names: Pick<StudyOptions, 'policy' | 'cqPolicy'>): void {
  if (ownOf(names).length === 0) return;
  throw usageError("a bundle can't be under a policy of your own: to verify it would be to run the code of whoever made it", ['"bellwether report review" makes the review alone.']);
}

/** Everything that is computed, in the order of the archive. A function of the study alone: verifying makes it again. */
export async function resultEntries(store: Store, study: Study): Promise<readonly ArchiveEntry[]> {
  const { html, charts } = await renderReview(store, study, { alone: true });
  const pictures = await Promise.all(
    charts.flatMap((chart) =>
      (['.svg', '.vl.json', '.csv'] as const).map(async (ending) => entryOf(`${ending === '.csv' ? 'tables' : 'charts'}/${chart.id}${ending}`, await chartFile(chart, ending))),
    ),
  );
  const { parameters, record } = study;
  const { policies } = catalogue();
  const named = policies.filter(({ name, side }) => name === parseSpec('policy', side === 'sq' ? parameters.policy : parameters.cq_policy).name);
  return [
    entryOf('README.txt', readme(study)),
    entryOf('manifest.schema.json', json(manifestSchema())),
    entryOf('review.html', html),
    entryOf('run.json', json({ parameters, result: record.result })),
    entryOf('policies.json', json(named)),
    ...pictures,
  ];
}

/** The traces of a study; a source whose file was given has its place in the archive. */
function tracesOf(store: Store, { trace, comparison }: Study, captures: ReadonlyMap<string, Capture>): readonly ManifestTrace[] {
  const of = (row: TraceRow, role: ManifestTrace['role'], number: number): ManifestTrace => ({
    name: row.name,
    role,
    sha256: row.sha256,
    sources: listSources(store, row.id).map(({ source, sha256, bytes, format }, i) => ({
      name: basename(source),
      sha256,
      bytes,
      format,
      file: captures.has(sha256) ? `inputs/${number}-${i}-${basename(source).replaceAll(/[^\w.@+-]/g, '_').slice(-70)}` : null,
    })),
  });
  return [of(trace, 'subject', 0), ...(comparison?.traces ?? []).map((row, i) => of(row, 'against', i + 1))];
}

function manifestEntry(store: Store, study: Study, traces: readonly ManifestTrace[], entries: readonly ArchiveEntry[]): ArchiveEntry {
  const manifest: Manifest = {
    bundle: 'bellwether',
    manifest_version: MANIFEST_VERSION,
    tool_version: study.options.toolVersion,
    what_if: askedOf(study.options),
    traces: [...traces],
    files: entries.map(({ path, bytes }) => ({ path, sha256: hashOf(bytes), bytes: bytes.length })),
    reproduce: [...commandsOf(store, study)],
  };
  return entryOf('manifest.json', json(manifest));
}

function askedOf({ shadow, driver, device, policy, cqPolicy, transport, mend, scenario, window, againstWindow, seed, repeat }: StudyOptions): Manifest['what_if'] {
  return {
    shadow: shadow ? 'on' : 'off',
    driver: driver ?? null,
    device: device ?? null,
    policy: nameOf(policy),
    cq_policy: nameOf(cqPolicy),
    transport: transport ?? null,
    mend: [...(mend ?? [])],
    scenario: [...(scenario ?? [])],
    ...(window === undefined ? {} : { window: windowOut(window) }),
    ...(againstWindow === undefined ? {} : { against_window: windowOut(againstWindow) }),
    seed,
    repeat,
  };
}

/** As it was given on the command line. */
function nameOf(policy: string | { readonly name: string } | undefined): string | null {
  return typeof policy === 'string' ? policy : (policy?.name ?? null);
}

interface Capture {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Files by the hash of their content. Sizes are looked at before memory is taken. */
export async function readInputs(paths: readonly string[]): Promise<ReadonlyMap<string, Capture>> {
  const captures = new Map<string, Capture>();
  let total = 0;
  for (const path of paths) {
    const size = await stat(path).then((found) => (found.isFile() ? found.size : NaN), () => NaN);
    if (Number.isNaN(size)) throw inputError(`${path}: there is no such file`);
    total += size;
    if (total > MAX_ARCHIVE_BYTES) throw usageError(`--input ${path}: with it the inputs are ${total} bytes; a bundle holds at most ${MAX_ARCHIVE_BYTES}`, ['Leave it out: its hash is kept.']);
    const bytes = await readFile(path);
    captures.set(hashOf(bytes), { path, bytes });
  }
  return captures;
}

function entryOf(path: string, content: string | Uint8Array): ArchiveEntry {
  return { path, bytes: typeof content === 'string' ? Buffer.from(content, 'utf8') : content };
}

function json(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readme({ parameters, options }: Study): string {
  return [
    `A what-if on the trace ${parameters.trace}, made by Bellwether ${options.toolVersion}.`,
    '',
    'review.html           the design review: open it in a browser',
    'charts/, tables/      its charts (SVG, Vega-Lite) and their data (CSV)',
    'run.json              parameters and result of the replay',
    'policies.json         the event-index policies that it was made under',
    'inputs/               the captures, unless only their hashes are kept',
    'manifest.json         hashes of all files, and the commands that make them again; manifest.schema.json describes it',
    '',
    'To do it again and compare:  bellwether bundle verify FILE',
    '',
  ].join('\n');
}
