// Speed and memory of decoding and ingest, beside reference tools where they are installed: `npm run bench`.
// Each figure is the median of three runs in processes of their own. With --write the table goes to docs/performance.md.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const fixture = (name) => here(`../../fixtures/${name}`);
const shared = (name) => here(`../../../shared/traces/${name}`);
const QEMU_LOG = fixture('qemu-log/randread32-on-1.qemu.log.gz');
const RUNS = 3;
const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Medians of a task of task.mjs. */
function measure(...args) {
  const runs = Array.from({ length: RUNS }, () => JSON.parse(execFileSync(process.execPath, [here('task.mjs'), ...args], { encoding: 'utf8' })));
  const of = (key) => median(runs.map((run) => run[key]));
  return { records: runs[0].records, seconds: of('seconds'), peakMiB: of('peakMiB') };
}

/** Median wall time of another program's run in s; undefined when it isn't installed. */
function reference(command, args, options = {}) {
  if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return undefined;
  return median(
    Array.from({ length: RUNS }, () => {
      const began = process.hrtime.bigint();
      const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'], ...options });
      if (status !== 0) throw new Error(`${command} ended with ${status}`);
      return Number(process.hrtime.bigint() - began) / 1e9;
    }),
  );
}

const rows = [];
function row(what, records, seconds, peakMiB) {
  if (seconds === undefined) return;
  const rate = `${(records / seconds / 1e6).toFixed(2)} M/s`;
  rows.push([what, records.toLocaleString('en-US'), `${seconds.toFixed(2)} s`, rate, peakMiB === undefined ? '' : `${Math.round(peakMiB)} MiB`]);
}
function task(what, ...args) {
  const { records, seconds, peakMiB } = measure(...args);
  row(what, records, seconds, peakMiB);
  return { records, seconds };
}

try {
  const text = gunzipSync(readFileSync(QEMU_LOG));
  const plain = join(folder, 'capture.log');
  writeFileSync(plain, Buffer.concat(Array.from({ length: 21 }, () => text)));

  task('QEMU log, decoded', 'decode', QEMU_LOG, '21');
  const { records } = task('QEMU log, ingested', 'ingest', QEMU_LOG, '21');
  task('QEMU log, ingested, ten times as much', 'ingest', QEMU_LOG, '210');
  task('better-sqlite3 alone, as many rows', 'insert', '-', String(records));
  row('gawk, counting the same log by event', records, reference('gawk', ['{ n[$1]++ } END { for (i in n) c++; print c }', plain]));
  row('sqlite3 .import of the same lines', records, reference('sqlite3', [join(folder, 'import.db'), '.mode list', '.separator \x01', 'DROP TABLE IF EXISTS l', 'CREATE TABLE l (line)', `.import ${plain} l`]));

  const simple = shared('simple/randread32-on.simple.gz');
  if (existsSync(simple)) task('QEMU simple, decoded', 'decode', simple);
  const dat = shared('perf/linux6.12-800k-events-v7.dat');
  if (existsSync(dat)) {
    const events = task('trace.dat version 7, decoded', 'decode', dat).records;
    row('trace-cmd report > /dev/null, the same file', events, reference('trace-cmd', ['report', '-i', dat]));
  }

  const table = [
    '| task | records | time | rate | peak memory |',
    '|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--write')) {
    const page = here('../../docs/performance.md');
    const before = readFileSync(page, 'utf8').split('<!-- table -->')[0];
    writeFileSync(page, `${before}<!-- table -->\n\nNode.js ${process.version}, ${cpus().length} cores (${cpus()[0].model.trim()}):\n\n${table}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
