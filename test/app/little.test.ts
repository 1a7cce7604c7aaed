// Little's law, L = lambda * W: the levels of the queues and the lives of the commands are two countings of the same thing.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import type { EventBatch } from '../../src/trace/batch.js';
import { EventBatch as Batch, EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';
import { FIXTURES, SHARED_TRACES } from '../formats/support.js';
import { analysed, heldTwice } from '../support/analysed.js';
import type { Analysed } from '../support/analysed.js';
import { writeEvents } from '../support/events.js';
import { BATCHED, ConstantService, FixedWork, PER_COMMAND, run } from '../support/machine.js';
import { holds } from '../support/property.js';

async function analysedFile(path: string): Promise<Analysed> {
  const batches: EventBatch[] = [];
  const writer = new EventWriter((batch) => {
    const copy = new Batch(batch.length);
    copy.copyFrom(batch);
    batches.push(copy);
  });
  await decodeSource(await openSource(path), { writer, tally: new Tally() });
  return analysed((consume) => batches.forEach(consume));
}

/** Within 1 %, on every queue's life that the capture shows whole. Returns how many stages there were. */
function expectLittle(result: Analysed): number {
  const whole = new Set(result.analysis.queues.filter((queue) => queue.whole).map((queue) => queue.life));
  const held = heldTwice(result).filter(({ life, bound, commands }) => whole.has(life) && bound === 0 && commands > 0);
  for (const { life, stage, byLevels, byCommands } of held) {
    expect({ life, stage, off: Math.abs(byLevels / byCommands - 1) < 0.01, byLevels, byCommands }).toMatchObject({ off: true });
  }
  return held.length;
}

describe('on captures', () => {
  const folder = join(FIXTURES, 'qemu-log');
  it.each(['randread32-off-1.qemu.log.gz', 'randread32-on-1.qemu.log.gz', 'rebind-and-reset.qemu.log.gz'])('%s', async (name) => {
    expect(expectLittle(await analysedFile(join(folder, name)))).toBeGreaterThan(3);
  });
});

const whole = ['pairs', 'pinned'].flatMap((folder) => {
  const path = join(SHARED_TRACES, folder);
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('-1.qemu.log.gz')).map((name) => join(path, name)) : [];
});
describe.skipIf(whole.length === 0)(whole.length > 0 ? 'on complete captures' : 'skipped: not present: ../shared/traces', () => {
  it.each(whole)('%s', async (path) => {
    expect(expectLittle(await analysedFile(path))).toBeGreaterThan(3);
  });
});

test('on runs of the model', () => {
  const loads = fc.record({
    shadow: fc.boolean(),
    driver: fc.constantFrom(BATCHED, PER_COMMAND),
    depth: fc.integer({ min: 2, max: 40 }),
    batches: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 }),
    window: fc.integer({ min: 1, max: 40 }),
    backend: fc.integer({ min: 1_000, max: 200_000 }),
  });
  let stages = 0;
  holds(
    fc.property(loads, ({ shadow, driver, depth, batches, window, backend }) => {
      const work = new FixedWork(batches.map((n) => Math.min(n, depth - 1)), window);
      const { events } = run([{ work, sqDepth: depth }], { shadow, driver, service: new ConstantService({ backend }) });
      stages += expectLittle(analysed((consume) => writeEvents(events, consume, 256)));
    }),
    100,
  );
  expect(stages).toBeGreaterThan(100);
});
