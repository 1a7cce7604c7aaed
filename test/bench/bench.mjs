// Speed and memory of decoding, ingest and replay, beside reference tools where they are installed: `npm run bench`.
// Each figure is the median of five runs in processes of their own (of one, where a run takes minutes); the tasks take turns, so that a busy moment of the
// machine doesn't fall on one of them alone. With --write the tables go to docs/performance.md.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { prolongLog, repeatSimple, repeatText } from './repeat.mjs';
import { judge } from './targets.mjs';

const RUNS = 5;
/** Above some tenths, others use the machine, and every figure is too low. */
const loadBefore = loadavg()[0];
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const bellwether = [process.execPath, here('../../bin/run.js')];
const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
const inFolder = (name) => join(folder, name);

/** A task of task.mjs. */
function task(...args) {
  return () => JSON.parse(execFileSync(process.execPath, [here('task.mjs'), ...args], { encoding: 'utf8' }));
}

/** Wall time of a program from its start to its end. */
function program(counts, command, args, options = {}) {
  return () => {
    const began = process.hrtime.bigint();
    const { status } = spawnSync(command, args, { stdio: 'ignore', ...options });
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
    return { ...counts, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
  };
}

function installed(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const tasks = [];
/** A task that can't be run here (`run` is undefined) is left out. `once`: it takes long, and its memory hardly differs from run to run. */
function add(name, title, run, { once = false } = {}) {
  if (run !== undefined) tasks.push({ name, title, run, once, runs: [] });
}

function addLogTasks() {
  const text = gunzipSync(readFileSync(here('../../fixtures/qemu-log/randread32-on-1.qemu.log.gz')));
  const [log, logTen, store, storeTen] = ['capture.log', 'ten.log', 'store.db', 'ten.db'].map(inFolder);
  repeatText(text, 21, log);
  repeatText(text, 210, logTen);
  execFileSync(bellwether[0], [bellwether[1], 'ingest', log, '--db', store], { stdio: 'ignore' });
  execFileSync(bellwether[0], [bellwether[1], 'ingest', logTen, '--db', storeTen], { stdio: 'ignore' });
  const { records, rows } = task('decode', log)();
  add('logDecode', 'QEMU log, decoded in one thread', task('decode', log));
  add('logIngest', 'QEMU log, ingested', task('ingest', log));
  add('logIngestTen', 'QEMU log, ingested, ten times as much', task('ingest', logTen));
  add('logBinary', 'bellwether ingest, its start included', () => {
    rmSync(inFolder('binary.db'), { force: true });
    return program({ records, rows }, bellwether[0], [bellwether[1], 'ingest', log, '--db', inFolder('binary.db')])();
  });
  add('sqlite', 'better-sqlite3 alone, the same rows', task('insert', store));
  add('sqliteTen', 'better-sqlite3 alone, the same rows, ten times as much', task('insert', storeTen));
  if (installed('sqlite3')) {
    const csv = inFolder('rows.csv');
    execFileSync('sqlite3', ['-csv', store, `.once ${csv}`, 'SELECT * FROM event ORDER BY id']);
    const create = 'CREATE TABLE event (id INTEGER PRIMARY KEY, what INTEGER, time_ns INTEGER, thread INTEGER, command INTEGER, value INTEGER, extra INTEGER, place INTEGER)';
    add('sqliteImport', 'sqlite3 .import of the same rows', () => {
      rmSync(inFolder('import.db'), { force: true });
      return program({ records: rows, rows }, 'sqlite3', [inFolder('import.db'), 'PRAGMA page_size = 16384', create, `.import --csv ${csv} event`])();
    });
  }
  if (installed('gawk')) add('gawk', 'gawk, counting the log by event', program({ records }, 'gawk', ['{ n[$1]++ } END { for (i in n) c++; print c }', log]));
}

function addSharedTasks() {
  const simple = here('../../../shared/traces/simple/randread32-on.simple.gz');
  if (existsSync(simple)) {
    const long = inFolder('capture.simple');
    repeatSimple(gunzipSync(readFileSync(simple)), 24, long);
    add('simpleDecode', 'QEMU simple, decoded in one thread', task('decode', long));
    add('simpleIngest', 'QEMU simple, ingested', task('ingest', long));
  }
  const dat = here('../../../shared/traces/perf/linux6.12-800k-events-v7.dat');
  if (!existsSync(dat)) return;
  const { records, rows } = task('decode', dat)();
  add('datDecode', 'trace.dat version 7, decoded in one thread', task('decode', dat));
  add('datIngest', 'trace.dat version 7, ingested', task('ingest', dat));
  if (installed('trace-cmd')) add('traceCmd', 'trace-cmd report > /dev/null, the same file', program({ records, rows }, 'trace-cmd', ['report', '-i', dat]));
}

/** Replays of captures with so many times the commands of the bundled one, which has some 6,000. */
const LONG_CAPTURES = [
  { name: 'replayLong', times: 40, title: '`bellwether replay` of a capture of 240,000 commands' },
  { name: 'replayLongTen', times: 400, title: '`bellwether replay` of one of 2.4 million, of which 4 million actions fit' },
];

function addLongReplayTasks() {
  const text = gunzipSync(readFileSync(here('../../fixtures/qemu-log/randread32-off-1.qemu.log.gz')));
  for (const { name, times, title } of LONG_CAPTURES) {
    const [log, store] = [`${name}.log`, `${name}.db`].map(inFolder);
    prolongLog(text, times, log);
    execFileSync(bellwether[0], [bellwether[1], 'ingest', log, '--db', store], { stdio: 'ignore' });
    rmSync(log);
    add(name, title, task('what-if', store), { once: true });
    if (name === 'replayLong') add('replayRecorded', 'four runs of it alone, one policy, every metric', task('replay-recorded', store));
  }
}

function addReplayTasks() {
  add('replay', 'replay of fio-2014, one policy, every metric', task('replay', 'fio-2014'));
  add('replayQemu', 'replay of qemu-2022-qd8, the same', task('replay', 'qemu-2022-qd8'));
  add('heap', 'the event heap alone, 16 events pending', task('heap', '16'));
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellsOf({ title, medians: { records, seconds, peakMiB } }) {
  const rate = records === undefined ? '' : `${(records / seconds / 1e6).toFixed(2)} M/s`;
  return [title, records?.toLocaleString('en-US') ?? '', `${seconds.toFixed(2)} s`, rate, peakMiB === undefined ? '' : `${Math.round(peakMiB)} MiB`];
}

try {
  // With --replay only the replay is measured, which needs no captures.
  if (!process.argv.includes('--replay')) {
    addLogTasks();
    addSharedTasks();
    addLongReplayTasks();
  }
  addReplayTasks();
  add('node', 'node, to do nothing', program({}, process.execPath, ['-e', '0']));
  add('version', 'bellwether --version', program({}, bellwether[0], [bellwether[1], '--version']));
  for (let run = 0; run < RUNS; run++) for (const each of tasks) if (run === 0 || !each.once) each.runs.push(each.run());
  for (const each of tasks) {
    each.medians = { ...each.runs[0] };
    for (const key of ['seconds', 'peakMiB']) {
      if (key in each.medians) each.medians[key] = median(each.runs.map((result) => result[key]));
    }
  }
  const measured = table(['task', 'records', 'time', 'rate', 'peak memory'], tasks.map(cellsOf));
  const verdicts = table(['target', 'measured', 'verdict'], judge(Object.fromEntries(tasks.map(({ name, medians }) => [name, medians]))));
  process.stdout.write(`${measured}\n\n${verdicts}\n`);
  if (process.argv.includes('--write')) {
    const page = here('../../docs/performance.md');
    const before = readFileSync(page, 'utf8').split('<!-- table -->')[0];
    const machine = `Node.js ${process.version}, ${cpus().length} cores (${cpus()[0].model.trim()}), load average ${loadBefore.toFixed(1)} before the run:`;
    writeFileSync(page, `${before}<!-- table -->\n\n${machine}\n\n${measured}\n\n${verdicts}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
