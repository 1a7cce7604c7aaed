// What is promised of speed and memory, judged by the medians of a run.

const MIN_LOG_RATE = 1e6;
const MIN_SHARE_OF_SQLITE = 0.6;
const MIN_SIMPLE_RATE = 1e6;
const MIN_TIMES_TRACE_CMD = 2;
const MIN_REPLAY_RATE = 1e6;
const MAX_PEAK_MIB = 200;
/** Of a replay of a long capture, by two threads. */
const MAX_LONG_PEAK_MIB = 600;
/** Peaks of two runs that do the same differ by this much. */
const SAME_MEMORY = 1.1;

const mega = (rate) => `${(rate / 1e6).toFixed(2)} M/s`;
const rateOf = ({ records, seconds }) => records / seconds;

/**
 * The targets with what was measured and 'met', 'not met' or 'not measured'.
 * @param m task name -> its medians { records, rows, seconds, peakMiB }; undefined for what couldn't be run
 */
export function judge(m) {
  return [...(m.logIngest === undefined ? [] : judgeIngest(m)), ...judgeReplay(m), ...(m.replayLongTen === undefined ? [] : [judgeLongReplay(m)])];
}

/** A replay holds a bounded number of actions, and lists of bounded length. */
function judgeLongReplay({ replayLong, replayLongTen }) {
  const peak = Math.max(replayLong.peakMiB, replayLongTen.peakMiB);
  return target(`replay of a capture, whatever its size, peak memory: at most ${MAX_LONG_PEAK_MIB} MiB with two threads`, `${Math.round(peak)} MiB`, peak <= MAX_LONG_PEAK_MIB);
}

/** A replay handles several events for each command; what the heap alone does is as fast as it could be. */
function judgeReplay({ replay, replayRecorded, heap }) {
  const events = replay.rows / replay.seconds;
  const ceiling = heap.rows / heap.seconds;
  const perCommand = (replay.rows / replay.records).toFixed(1);
  return [
    target('replay, one policy, every metric: 1.00 M commands/s', mega(rateOf(replay)), rateOf(replay) >= MIN_REPLAY_RATE),
    replayRecorded === undefined
      ? notMeasured('the same of a recording')
      : target('the same of a recording', mega(rateOf(replayRecorded)), rateOf(replayRecorded) >= MIN_REPLAY_RATE),
    [`of the former: ${perCommand} events a command, ${mega(events)} of the ${mega(ceiling)} events that the heap alone handles`, `${Math.round((events / ceiling) * 100)} %`, ''],
    target('replay, peak memory: at most 200 MiB', `${Math.round(replay.peakMiB)} MiB`, replay.peakMiB <= MAX_PEAK_MIB),
  ];
}

function judgeIngest(m) {
  const { logIngest, logIngestTen, sqlite, sqliteTen, simpleIngest, datIngest, traceCmd } = m;
  const share = sqlite.seconds / logIngest.seconds;
  const shareTen = sqliteTen.seconds / logIngestTen.seconds;
  const growth = logIngestTen.peakMiB / logIngest.peakMiB;
  const peak = Math.max(logIngest.peakMiB, logIngestTen.peakMiB);
  const times = datIngest === undefined || traceCmd === undefined ? undefined : traceCmd.seconds / datIngest.seconds;
  return [
    target('QEMU log to a store: 1.00 M records/s', mega(rateOf(logIngest)), rateOf(logIngest) >= MIN_LOG_RATE),
    target('the same, ten times as long', mega(rateOf(logIngestTen)), rateOf(logIngestTen) >= MIN_LOG_RATE),
    target("60 % of better-sqlite3's own rate for the same rows", `${Math.round(share * 100)} %`, share >= MIN_SHARE_OF_SQLITE),
    target('the same, ten times as long', `${Math.round(shareTen * 100)} %`, shareTen >= MIN_SHARE_OF_SQLITE),
    simpleIngest === undefined
      ? notMeasured('QEMU simple to a store: 1.00 M records/s')
      : target('QEMU simple to a store: 1.00 M records/s', mega(rateOf(simpleIngest)), rateOf(simpleIngest) >= MIN_SIMPLE_RATE),
    times === undefined
      ? notMeasured('trace.dat to a store: twice as fast as trace-cmd report')
      : target('trace.dat to a store: twice as fast as trace-cmd report', `${times.toFixed(1)} times`, times >= MIN_TIMES_TRACE_CMD),
    target('peak memory: at most 200 MiB', `${Math.round(peak)} MiB`, peak <= MAX_PEAK_MIB),
    target('peak memory: the same for ten times as much, within 10 %', `${growth.toFixed(2)} times`, growth <= SAME_MEMORY),
  ];
}

function target(what, measured, met) {
  return [what, measured, met ? 'met' : 'not met'];
}

function notMeasured(what) {
  return [what, '', 'not measured'];
}
