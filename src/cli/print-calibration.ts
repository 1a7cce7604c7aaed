// How a calibration is printed.

import { formatCount, formatNs, formatPercent } from '../base/units.js';
import type { Calibrated } from '../app/calibration.js';
import { printTable } from './table.js';

/** Prints what a replay is calibrated from. */
export function printCalibration({ steps, queues, host, idleWakes }: Calibrated, print: (line: string) => void): void {
  const time = (ns: number): string => (Number.isNaN(ns) ? '' : formatNs(ns));
  print('');
  print('calibration: what a replay of this trace draws from');
  printTable(
    ['step', 'queue', 'count', 'p10', 'median', 'p90', 'p99', 'how', 'from'],
    steps.map(({ step, queue, count, p10Ns, medianNs, p90Ns, p99Ns, origin, from }) => [step, queue, count, time(p10Ns), time(medianNs), time(p90Ns), time(p99Ns), origin, from]),
    print,
  );
  print('');
  printTable(
    ['queue', 'commands', 'batches', 'median batch', 'window', ''],
    queues.map(({ queue, commands, batches, batchesComplete, batchesInferred, medianBatch, window, windowReached, polled }) => [
      queue, commands, batches, medianBatch, window,
      [batchesComplete ? '' : 'only some batches are known', batchesInferred === 0 ? '' : `${formatCount(batchesInferred)} batches were found together: assumed to be of the usual size`, windowReached ? '' : 'window guessed: it was never the limit', polled ? 'polled' : ''].filter((text) => text !== '').join('; '),
    ]),
    print,
  );
  print('');
  const threads = host.threads === 'turns' ? `take turns on ${host.cores === 1 ? 'one core' : `${host.cores} cores`}, the device's weighs ${host.loopWeight.toFixed(2)}` : `each have a core (${host.cores})`;
  print(`threads of vCPUs and device ${threads}: ${formatPercent(host.overlap)} of the register writes fell between two actions of the device at work`);
  print(`submissions to an idle device: ${formatCount(idleWakes)}`);
}
