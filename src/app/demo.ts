// Use case: the whole path on the two captures that come with Bellwether, the same workload with shadow doorbells
// off and on: ingest both, predict the second from the first, and write a review that compares them.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensure } from '../base/assert.js';
import { openStore } from '../store/open.js';
import { chartFile } from '../charts/write.js';
import { type IngestResult, ingest } from './ingest.js';
import { type ReplayResult, storeReplay } from './replay.js';
import { makeFolder, writeOutput } from './output.js';
import { renderReview } from './report.js';
import { makeStudy } from './study.js';

/** The bundled captures, in the package's fixtures folder. */
const CAPTURES = { off: 'qemu-log/randread32-off-1.qemu.log.gz', on: 'qemu-log/randread32-on-1.qemu.log.gz' };

export interface DemoOptions {
  /** Folder to write to; made if it isn't there. Its demo.db is replaced. */
  readonly folder: string;
  readonly toolVersion: string;
}

export interface DemoResult {
  /** Path of the HTML review. */
  readonly review: string;
  readonly db: string;
  readonly files: readonly string[];
  readonly traces: IngestResult['traces'];
  readonly replay: ReplayResult;
}

/** Runs the demo. Offline and deterministic: two runs write the same bytes. */
export async function demo({ folder, toolVersion }: DemoOptions): Promise<DemoResult> {
  const db = join(folder, 'demo.db');
  await makeFolder(folder);
  await rm(db, { force: true });
  const captures = [CAPTURES.off, CAPTURES.on].map(fixture);
  const { traces } = await ingest({ paths: captures, db, toolVersion });
  const [off, on] = traces.map((trace) => trace.name);
  const store = openStore(db);
  try {
    const study = await makeStudy(store, { trace: off!, against: [on!], shadow: true, seed: 1, repeat: 20, toolVersion });
    const replayed = storeReplay(store, ensure(study.replayable, 'a new store holds no run'), study.parameters, study.record);
    const { html, charts } = await renderReview(store, study);
    const review = join(folder, 'review.html');
    await writeOutput(review, html);
    const files = [review];
    for (const chart of charts) {
      for (const ending of ['.svg', '.png'] as const) {
        const path = join(folder, `${chart.id}${ending}`);
        await writeOutput(path, await chartFile(chart, ending));
        files.push(path);
      }
    }
    return { review, db, files, traces, replay: replayed };
  } finally {
    store.close();
  }
}

/** A file of the package's fixtures folder, seen from the compiled file in dist/src/app. */
function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));
}
