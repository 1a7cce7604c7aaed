// Predictions against captures: each recording replayed with shadow doorbells the other way, beside what the captures of the same
// workload made that way showed. Nothing of the latter goes into the prediction.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ingest } from '../../src/app/ingest.js';
import { ingestJoined } from '../../src/app/join.js';
import { replayTrace } from '../../src/app/replay.js';
import { readReplayable } from '../../src/app/subject.js';
import { mean } from '../../src/metrics/stats.js';
import { openStoreForReading } from '../../src/store/open.js';

export const TRACES = join(import.meta.dirname, '../../../shared/traces');
/** Sets of captures that the model was built with in view; in TRACES. */
export const FOLDERS = ['pinned', 'pairs', 'kvm'] as const;
/** Sets that were captured before the model had seen any of them; among the fixtures, with one recording, without shadow doorbells, of each workload. */
export const HELD_OUT = ['held-out-first', 'held-out', 'held-out-third'] as const;
const REPEAT = { on: 20, off: 10 };

/** One prediction beside the captures of its workload. Fractions are rounded to 4 digits. */
export interface AccuracyRow {
  readonly folder: string;
  readonly workload: string;
  readonly run: string;
  /** What was predicted: shadow doorbells on, from a recording with them off, or the reverse. */
  readonly predicts: 'on' | 'off';
  readonly sq: number;
  readonly cq: number;
  /** Predicted saved fraction with its 90 % interval; of the reverse, that of the recording against the prediction. */
  readonly saved: number;
  readonly low: number;
  readonly high: number;
  readonly selfCheck: boolean;
  /** Predictors without a model: saved fractions; empty for the reverse. */
  readonly baselines: Readonly<Record<string, number>>;
  /** Captures in the interval, and all of them: saved fraction against the recording's total. 0 of 0 for the reverse. */
  readonly covered: number;
  readonly captures: number;
  /** Mean interval score of the captures, in saved fractions; NaN for the reverse. */
  readonly score: number;
  /** The 90 % interval of the CQ writes, rounded, and the captures in it and all of them. */
  readonly cqWrites: { readonly low: number; readonly high: number; readonly covered: number; readonly captures: number };
}

/** An interval of 90 % that misses costs this many times what it is missed by: 2 / (1 - 0.9). [Winkler 1972; Gneiting & Raftery 2007, 6.2] */
const MISS_COSTS = 20;

/** The interval score: its width, and what a capture outside of it costs. Smaller is better; wide intervals and missed captures both raise it. */
export function intervalScore(low: number, high: number, captured: number): number {
  return high - low + MISS_COSTS * (Math.max(low - captured, 0) + Math.max(captured - high, 0));
}

/** What the captures of a workload show. */
export interface Truth {
  readonly folder: string;
  readonly workload: string;
  readonly sq: { readonly on: number; readonly off: number };
  readonly cq: { readonly on: number; readonly off: number };
  /** Saved fraction over all pairs of an off and an on capture: mean, smallest, largest. */
  readonly saved: number;
  readonly low: number;
  readonly high: number;
  /** Register writes of each capture with shadow doorbells on; writes of the CQ head of each capture. */
  readonly totals: readonly number[];
  readonly cqWrites: { readonly on: readonly number[]; readonly off: readonly number[] };
}

/** Predicts every recording of those workloads; takes a few minutes. */
export async function accuracyRows(folder: string, truths: readonly Truth[]): Promise<AccuracyRow[]> {
  const rows: AccuracyRow[] = [];
  for (const truth of truths) {
    for (const predicts of ['on', 'off'] as const) {
      const recorded = predicts === 'on' ? 'off' : 'on';
      for (const run of runsOf(truth, recorded)) {
        const name = `${truth.workload}-${recorded}-${run}`;
        const db = join(folder, `${truth.folder}-${name}.db`);
        const paths = pathsOf(truth, recorded, run);
        await (paths.length > 1 ? ingestJoined : ingest)({ paths, db, name, toolVersion: 'test' });
        rows.push({ folder: truth.folder, workload: truth.workload, run, predicts, ...(await predict(db, name, predicts, truth)) });
      }
    }
  }
  return rows;
}

/** One run under KVM, captured from three sides: QEMU's log alone, and together with what the guest and its host traced. */
const KVM = { alone: ['qemu.log'], joined: ['qemu.log', 'guest-ftrace.txt', 'host-ftrace.txt'] };

function pathsOf({ folder, workload }: Truth, recorded: 'on' | 'off', run: string): readonly string[] {
  const files = folder === 'kvm' ? KVM[workload as keyof typeof KVM].map((end) => `kvm${recorded}.${end}.gz`) : [`${workload}-${recorded}-${run}.qemu.log.${isHeldOut(folder) ? 'zst' : 'gz'}`];
  return files.map((file) => join(folderOf(folder), file));
}

function isHeldOut(folder: string): boolean {
  return HELD_OUT.some((each) => each === folder);
}

function folderOf(folder: string): string {
  return isHeldOut(folder) ? join(import.meta.dirname, '../../fixtures', folder) : join(TRACES, folder);
}

function runsOf({ folder, workload }: Truth, recorded: 'on' | 'off'): readonly string[] {
  if (folder === 'kvm') return ['1'];
  const pattern = new RegExp(`^${workload}-${recorded}-(\\d)\\.qemu\\.log\\.(?:gz|zst)$`);
  return readdirSync(folderOf(folder)).flatMap((file) => pattern.exec(file)?.[1] ?? []).toSorted();
}

async function predict(db: string, trace: string, predicts: 'on' | 'off', { totals, cqWrites }: Truth): Promise<Omit<AccuracyRow, 'folder' | 'workload' | 'run' | 'predicts'>> {
  const store = openStoreForReading(db);
  try {
    const options = { shadow: predicts === 'on', seed: 1, repeat: REPEAT[predicts], toolVersion: 'test' };
    const replayable = readReplayable(store, trace);
    const { predicted, baseline, selfCheck, baselines } = (await replayTrace(replayable, options)).result;
    const { fraction, low, high } = predicted.saved;
    const captured = predicts === 'on' ? totals.map((total) => 1 - total / baseline.mmio.total) : [];
    const { cq } = predicted.mmioInterval;
    return {
      sq: predicted.mmio.sq,
      cq: predicted.mmio.cq,
      saved: rounded(predicts === 'on' ? fraction : 1 - replayable.doorbells.mmio.total / predicted.mmio.total),
      low: rounded(predicts === 'on' ? low : NaN),
      high: rounded(predicts === 'on' ? high : NaN),
      selfCheck: selfCheck.passed,
      baselines: Object.fromEntries(Object.entries(predicts === 'on' ? baselines : {}).map(([name, value]) => [name, rounded(value)])),
      covered: captured.filter((saved) => saved >= low && saved <= high).length,
      captures: captured.length,
      score: rounded(mean(captured.map((saved) => intervalScore(low, high, saved)))),
      cqWrites: {
        low: Math.round(cq.low),
        high: Math.round(cq.high),
        covered: cqWrites[predicts].filter((count) => count >= cq.low && count <= cq.high).length,
        captures: cqWrites[predicts].length,
      },
    };
  } finally {
    store.close();
  }
}

/** The captured counts of every workload of the sets, in the order of the files. */
export function readTruths(folders: readonly string[]): readonly Truth[] {
  return folders.flatMap((folder) => {
    if (folder === 'kvm') return Object.keys(KVM).map((views) => truthOf(folder, views, [countsUnderKvm('on')], [countsUnderKvm('off')]));
    const counts = new Map<string, { on: Counts[]; off: Counts[] }>();
    const [, ...lines] = readFileSync(join(folderOf(folder), 'ground-truth.tsv'), 'utf8').trim().split('\n');
    for (const line of lines) {
      const [workload, shadow, , , sq, cq, total] = line.split('\t');
      const own = counts.get(workload!) ?? { on: [], off: [] };
      own[shadow === 'on' ? 'on' : 'off'].push({ sq: Number(sq), cq: Number(cq), total: Number(total) });
      counts.set(workload!, own);
    }
    return [...counts].map(([workload, { on, off }]) => truthOf(folder, workload, on, off));
  });
}

/** Counted in the log's text, by nothing of the tool's. */
function countsUnderKvm(shadow: 'on' | 'off'): Counts {
  const text = gunzipSync(readFileSync(join(TRACES, 'kvm', `kvm${shadow}.qemu.log.gz`))).toString('latin1');
  const count = (pattern: RegExp): number => text.match(pattern)!.length;
  const [sq, cq] = [count(/mmio_doorbell_sq sqid [1-9]/g), count(/mmio_doorbell_cq cqid [1-9]/g)];
  return { sq, cq, total: sq + cq };
}

interface Counts {
  readonly sq: number;
  readonly cq: number;
  readonly total: number;
}

function truthOf(folder: string, workload: string, on: readonly Counts[], off: readonly Counts[]): Truth {
  const fractions = off.flatMap((a) => on.map((b) => 1 - b.total / a.total));
  const means = (of: (counts: Counts) => number): { on: number; off: number } => ({ on: Math.round(mean(on.map(of))), off: Math.round(mean(off.map(of))) });
  return {
    folder,
    workload,
    sq: means(({ sq }) => sq),
    cq: means(({ cq }) => cq),
    saved: rounded(mean(fractions)),
    low: rounded(Math.min(...fractions)),
    high: rounded(Math.max(...fractions)),
    totals: on.map(({ total }) => total),
    cqWrites: { on: on.map(({ cq }) => cq), off: off.map(({ cq }) => cq) },
  };
}

function rounded(fraction: number): number {
  return Math.round(fraction * 10_000) / 10_000;
}
