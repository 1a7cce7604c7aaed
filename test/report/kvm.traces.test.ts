// The review of a real run of which the host, the guest and QEMU each recorded a view.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

const TRACES = join(import.meta.dirname, '../../../shared/traces/kvm');
const isThere = existsSync(TRACES);

it.skipIf(!isThere)(`the review of a joined KVM run answers on its first screen${isThere ? '' : ` (skipped: ${TRACES} is not present)`}`, async () => {
  const folder = tempFolder();
  for (const state of ['off', 'on']) {
    const views = ['guest-ftrace.txt', 'host-ftrace.txt', 'qemu.log'].map((view) => join(TRACES, `kvm${state}.${view}.gz`));
    expect((await bellwether(folder, 'ingest', '-q', ...views, '--join', '--name', `kvm${state}`)).code).toBe(0);
  }
  const { code, stderr } = await bellwether(folder, 'report', 'review', 'kvmoff', '--against', 'kvmon', '-o', 'review.html');
  expect([code, stderr]).toEqual([0, '']);
  const html = readFileSync(join(folder, 'review.html'), 'utf8').replaceAll('\u00a0', ' ');
  const first = html.slice(html.indexOf('class="finding"'), html.indexOf('id="quality"'));
  // What it costs: counted by the host's own exits. What is saved, and how sure that is.
  expect(first).toMatch(/1,947 VM exits.*4\.6 % of 42,300 exits: 1,604 for SQ tails, 343 for CQ heads.*306 us each: 596 ms outside of the guest/s);
  expect(first).toMatch(/What shadow doorbells save.*90 % interval [\d.]+ % to [\d.]+ % saved\..*writes instead of 1,947 \(recorded\)/s);
  expect(first).toMatch(/How sure that is.*Self-check (?:passed|failed).*Captured: 90\.0 % \(kvmon\)/s);
  expect(html).toContain('Joined captures');
  expect(html.match(/<figure /g)).toHaveLength(8);
  expect(Buffer.byteLength(html)).toBeLessThan(3 * 1024 * 1024);
}, 120_000);
