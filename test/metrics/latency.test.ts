// The lean counter against a history of the same run.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import type { CommandLife } from '../../src/history/lives.js';
import { DurationHistogram } from '../../src/metrics/histogram.js';
import { LatencyCounter } from '../../src/metrics/latency.js';
import { writeEvents } from '../support/events.js';
import { load, play } from '../support/loads.js';
import { holds } from '../support/property.js';

test('gives the latencies that a history of the run gives', () => {
  holds(
    fc.property(load, (some) => {
      const told = new DurationHistogram();
      const history = new History([{ commandEnded: (command: CommandLife): void => told.add(command.reapedNs - command.setupNs) }]);
      const counter = new LatencyCounter();
      writeEvents(
        play(some).events,
        (batch) => {
          history.push(batch);
          counter.push(batch);
        },
        64,
      );
      history.end();
      expect(counter.result()).toEqual(told);
    }),
    100,
  );
});
