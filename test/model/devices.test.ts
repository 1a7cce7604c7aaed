// Every device with every driver: what is submitted comes back, whatever the load, where the policy and the device together are safe.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { History } from '../../src/history/history.js';
import { policyNamed } from '../../src/app/catalogue.js';
import { DEVICES } from '../../src/model/device/catalogue.js';
import { DRIVERS } from '../../src/model/driver/catalogue.js';
import { CQ_FAMILIES, SQ_FAMILIES } from '../../src/model/policy/catalogue.js';
import { TRANSPORTS } from '../../src/model/transport.js';
import { writeEvents } from '../support/events.js';
import { NOTHING_ODD } from '../support/journal.js';
import { load, play } from '../support/loads.js';
import { holds } from '../support/property.js';

const MACHINES = readFileSync(new URL('../../docs/machines.md', import.meta.url), 'utf8');

/** Propolis' policy of the CQ arms only with more than one entry occupied: `verify` finds it unsafe with 2 and 3 entries. */
const MIN_DEPTH: Readonly<Record<string, number>> = { propolis: 4 };
/** What drivers do that costs nobody a command. */
const HARMLESS = ['doorbell memory never freed', 'barrier without need'];

test.each(DEVICES)('$name runs policies of the catalogue, and docs/machines.md says which', ({ name, accepts, sqPolicy, cqPolicy }) => {
  // By their names alone, a replay and verify find the same programs.
  expect(JSON.stringify(policyNamed('--policy', SQ_FAMILIES, sqPolicy.name))).toBe(JSON.stringify(sqPolicy));
  expect(JSON.stringify(policyNamed('--cq-policy', CQ_FAMILIES, cqPolicy.name))).toBe(JSON.stringify(cqPolicy));
  const row = MACHINES.split('\n').find((line) => line.startsWith(`| \`${name}\` |`))!;
  expect(row.split(' | ')[2]).toBe(accepts === undefined ? 'none' : `\`${sqPolicy.name}\`, \`${cqPolicy.name}\``);
});

const submissions = (batches: readonly number[]): number => batches.reduce((sum, n) => sum + n, 0);

describe.each(DEVICES.map((device) => [device.name, device] as const))('%s', (_, device) => {
  test('completes every command of every driver, over every transport that it can hear', () => {
    const transports = TRANSPORTS.filter(({ notifies }) => notifies !== false || device.pollNs !== undefined);
    const chosen = fc.record({ driver: fc.constantFrom(...DRIVERS), transport: fc.constantFrom(...transports), shadow: fc.boolean() });
    let shadowed = 0;
    holds(
      fc.property(load, chosen, (some, { driver, transport, shadow }) => {
        fc.pre(some.queues.every(({ depth }) => depth >= (MIN_DEPTH[device.name] ?? 2)));
        const { sqPolicy, cqPolicy } = device;
        const result = play({ ...some, driver, transport, shadow, sqPolicy, cqPolicy, device });
        const all = submissions(some.queues.flatMap(({ batches }) => batches));
        expect(result).toMatchObject({ stalls: [], runaway: false, submitted: all, reaped: all });
        expect(result.hazards.filter(({ what }) => !HARMLESS.includes(what))).toEqual([]);
        const history = new History([]);
        writeEvents(result.events, (batch) => history.push(batch), 64);
        history.end();
        expect(history.evidence).toEqual(NOTHING_ODD);
        shadowed += shadow && driver.buffers.command === device.accepts && all > 0 ? 1 : 0;
      }),
      250,
    );
    expect(shadowed > 0).toBe(device.accepts !== undefined);
  });
});
