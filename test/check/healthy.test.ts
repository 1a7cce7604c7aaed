// The audit finds no error in a healthy capture, and what else it finds there is listed here with its reason.

import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NS_PER_MS } from '../../src/base/units.js';
import { COMPLETION_RULES } from '../../src/history/check/rules/completions.js';
import { STALL_RULES } from '../../src/history/check/rules/stalls.js';
import { SHARED_TRACES } from '../formats/support.js';
import { audit, auditFile, captureOf, fired } from '../support/audit.js';

const FIXTURES = ['ftrace', 'mmiotrace', 'perf-script', 'qemu-log', 'qemu-simple', 'trace-dat'].flatMap((folder) =>
  readdirSync(`fixtures/${folder}`)
    .filter((file) => /\.(?:gz|log|trace|txt)$/.test(file) && !/simpletrace|spellings|torn|among-other|constructed|prefixes|lost-events/.test(file))
    .map((file) => `fixtures/${folder}/${file}`),
);

const FOLDERS = ['pairs', 'pinned', 'kvm', 'mmiotrace', 'simple', 'qemu-ftrace', 'misc', 'linux-text', 'trace-cmd'];
/** No command of these captures waited longer anywhere. */
const LONGEST_WAIT_NS = 96 * NS_PER_MS;
/** Not readable without a declaration or at all. */
const NOT_READ = /perf\.data|bpftrace/;
const SHARED = existsSync(SHARED_TRACES)
  ? FOLDERS.flatMap((folder) =>
      readdirSync(SHARED_TRACES + folder)
        .filter((file) => /\.(?:gz|dat)$/.test(file) && !NOT_READ.test(file))
        .map((file) => `${folder}/${file}`),
    )
  : [];
const WHY = SHARED.length > 0 ? '' : ' (skipped: ../shared/traces is not present)';

/** Warnings and notes that are right. */
function expected(file: string): Readonly<Record<string, number>> {
  // A QEMU 7.2 with the bug of 7.2.0: on both I/O queues no CQ index is published, and all rings pass 0.
  if (/^simple\/|^qemu-ftrace\/|qemu-simple|qemu-backend/.test(file)) return { 'eventidx-never-published': 2 };
  // Later 7.2 publish it without a trace event: a note.
  if (/qemu7\.2-/.test(file)) return { 'eventidx-never-published': 2 };
  if (/misc\/ioeventfd-on/.test(file)) return { 'doorbells-not-traced': 1 };
  if (/lost-events/.test(file)) return { 'records-lost': 1 };
  return {};
}

function errors(result: Awaited<ReturnType<typeof auditFile>>): readonly string[] {
  return result.findings.filter(({ severity }) => severity === 'error').flatMap(({ kept }) => kept.map(({ rule, evidence }) => `${rule}: ${evidence}`));
}

describe('bundled captures', () => {
  test.each(FIXTURES)('%s', async (file) => {
    const result = await auditFile(file);
    expect(errors(result)).toEqual([]);
  });
});

describe.skipIf(SHARED.length === 0)(`captures at hand${WHY}`, () => {
  test('there are a hundred of them', () => {
    expect(SHARED.length).toBeGreaterThan(100);
  });

  test.each(SHARED)('%s', async (file) => {
    const { events, options } = await captureOf(SHARED_TRACES + file);
    const result = audit(events, options);
    expect(errors(result)).toEqual([]);
    expect(fired(result)).toEqual(expected(file));
    // docs/check.md states the longest wait, and --stall-ms is chosen by it.
    expect(fired(audit(events, { ...options, stallNs: LONGEST_WAIT_NS }, [...STALL_RULES, ...COMPLETION_RULES]))).toEqual({});
  });

  test('a QEMU 7.2 without the CQ index and one that publishes it untraced are told apart by the rings that EventIdx 0 does not explain', async () => {
    const severities = async (file: string): Promise<readonly string[]> => (await auditFile(SHARED_TRACES + file)).findings.map(({ severity }) => severity);
    expect(await severities('simple/randread32-on.qemu.log.gz')).toEqual(['warning']);
    expect(await severities('misc/qemu7.2-randread32.qemu.log.gz')).toEqual(['note']);
  });

  test('in a log of the device every rule judges something, where shadow doorbells are on', async () => {
    const { verdicts } = await auditFile(`${SHARED_TRACES}pairs/randread32-on-1.qemu.log.gz`);
    expect(verdicts.filter(({ checked }) => checked === 0).map(({ rule }) => rule.id)).toEqual(['admin-one-sided']);
  });
});
