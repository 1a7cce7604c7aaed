// Declared text formats: the worked example, every kind of rule, and what a faulty declaration is told.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BellwetherError } from '../../src/base/errors.js';
import { NO_RULE, declaredFormat } from '../../src/formats/declared/declared.js';
import { loadDeclaredFormat } from '../../src/formats/declared/load.js';
import { groupNames, patternFault } from '../../src/formats/declared/pattern.js';
import { declarationSchema } from '../../src/formats/declared/schema.js';
import type { TraceFormat } from '../../src/formats/format.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { ABSENT } from '../../src/trace/batch.js';
import { KIND } from '../../src/trace/event.js';
import { holds } from '../support/property.js';
import { tempFolder } from '../support/temp.js';
import { FIXTURES, SHARED_TRACES, countKinds, decode, decodeWith, essence, fixtureBytes, sourceOf, sumsAddUp } from './support.js';

const EXAMPLE = `${FIXTURES}declared/bpftrace.json`;
const BPFTRACE = fixtureBytes('declared', 'bpftrace.txt.gz');

/** The format of a declaration with one rule. */
function ruleFormat(rule: object, rest: object = {}): TraceFormat {
  return declaredFormat(declarationSchema.parse({ name: 'test', clock: 'none', rules: [rule], ...rest }));
}

const DOORBELL = {
  pattern: String.raw`^(?:(?<t>[\d.]+) )?db (?<side>sq|cq)(?<q>\w+) (?<v>\w+)$`,
  event: 'doorbell.mmio',
  fields: {
    queue: { group: 'q' },
    side: { group: 'side', values: { sq: 0, cq: 1 } },
    value: { group: 'v', base: 16, plus: 1 },
  },
};

test("the second example: what a script on QEMU's probes prints of a real log is what the log says", async () => {
  const log = fixtureBytes('qemu-log', 'randread32-on-1.qemu.log.gz').subarray(0, 1_000_000);
  const events = ['mmio_doorbell_sq', 'mmio_doorbell_cq', 'update_sq_tail', 'update_sq_eventidx', 'io_cmd', 'enqueue_req_completion'];
  // Places of the arguments that the script prints, among the numbers of the text.
  const printed: Readonly<Record<string, readonly number[]>> = { io_cmd: [0, 2, 3], enqueue_req_completion: [0, 1, 4] };
  const lines = log.toString('latin1').split('\n').flatMap((line) => {
    const [, thread, seconds, micros, name = '', text = ''] = /^(\d+)@(\d+)\.(\d{6}):pci_nvme_(\w+) (.*)$/.exec(line) ?? [];
    if (!events.includes(name)) return [];
    const numbers = [...text.matchAll(/\b(?:0x[0-9a-f]+|\d+)\b/g)].map(([digits]) => Number(digits));
    return [`${seconds}${micros}000 ${thread} ${name} ${(printed[name] ?? [0, 1]).map((i) => numbers[i]).join(' ')}\n`];
  });
  expect(lines.length).toBeGreaterThan(5000);
  const format = await loadDeclaredFormat(`${FIXTURES}declared/qemu-usdt.json`);
  const text = decodeWith(format, Buffer.from(['Attaching 6 probes...\n', ...lines].join('')));
  expect(text.tally.counts).toMatchObject({ read: lines.length + 1, events: lines.length, ignored: 1, unknown: 0, rejected: 0 });
  const kinds = new Set(text.events.map(({ kind }) => kind));
  // The same lines, read as a log: without mmio_write, which the doorbell's event repeats.
  const expected = decodeWith(qemuLog, Buffer.from(`${log.toString('latin1').split('\n').filter((line) => events.some((name) => line.includes(`:pci_nvme_${name} `))).join('\n')}\n`)).events;
  expect(text.events.map((event) => ({ ...event, place: 0 }))).toEqual(expected.filter(({ kind }) => kinds.has(kind)).map((event) => ({ ...event, place: 0 })));
});

describe('the worked example: bpftrace', () => {
  test('gives what is expected, also in pieces of 100 bytes and compressed', async () => {
    const format = await loadDeclaredFormat(EXAMPLE);
    expect(format).toMatchObject({ id: 'declared:bpftrace-nvme', title: 'bpftrace script on the nvme tracepoints' });
    const whole = await decode(sourceOf(BPFTRACE), { format });
    const times = whole.events.map(({ timeNs }) => timeNs);
    expect({
      constructed: false,
      clock: whole.summary.clock,
      originNs: String(whole.summary.originNs),
      firstNs: Math.min(...times),
      lastNs: Math.max(...times),
      records: whole.tally.counts,
      events: countKinds(whole.events),
      ignored: Object.fromEntries(whole.tally.ignoredNames),
      unknown: Object.fromEntries(whole.tally.unknownNames),
      rejected: Object.fromEntries(whole.tally.rejectReasons),
      dialect: whole.summary.dialect,
    }).toEqual(JSON.parse(readFileSync(`${FIXTURES}declared/bpftrace.expect.json`, 'utf8')));
    expect(whole.events[0]).toMatchObject({ kind: KIND['command.setup'], timeNs: 0, thread: 1, queue: 2, cid: 8640, opcode: 2, place: 6 });
    expect(essence(await decode(sourceOf(BPFTRACE), { format, chunkBytes: 100 }))).toEqual(essence(whole));
    expect(essence(await decode(sourceOf(gzipSync(BPFTRACE)), { format }))).toEqual(essence(whole));
  });

  test('is the file that the documentation shows', () => {
    const page = readFileSync(new URL('../../docs/formats/declared.md', import.meta.url), 'utf8');
    const shown = /^```json\n([\s\S]*?)^```/m.exec(page)?.[1];
    expect(JSON.parse(shown ?? '')).toEqual(JSON.parse(readFileSync(EXAMPLE, 'utf8')));
  });

  const all = `${SHARED_TRACES}linux-text/bpftrace.txt.gz`;
  test.skipIf(!existsSync(all))('leaves no line of the whole capture unknown', async () => {
    const { tally, events } = decodeWith(await loadDeclaredFormat(EXAMPLE), gunzipSync(readFileSync(all)));
    expect(tally.counts).toMatchObject({ unknown: 0, rejected: 0 });
    expect(countKinds(events)).toMatchObject({ 'command.setup': 1200 });
  });
});

describe('rules', () => {
  test('numbers in base 10, 16 or by their prefix, added to, looked up', () => {
    const { events } = decodeWith(ruleFormat(DOORBELL), Buffer.from('db sq1 1f\ndb cq0x10 0xA\n'));
    expect(events.map(({ queue, side, value, place }) => [queue, side, value, place])).toEqual([
      [1, 0, 32, 1],
      [16, 1, 11, 2],
    ]);
  });

  test('what is out of range or no number is refused with its column', () => {
    const { tally } = decodeWith(ruleFormat(DOORBELL), Buffer.from('db sq65536 1\ndb sqx 1\ndb sq1 xyz\n'));
    expect(Object.fromEntries(tally.rejectReasons)).toEqual({
      'doorbell.mmio: out of range: queue': 1,
      'doorbell.mmio: not a number: queue': 1,
      'doorbell.mmio: not a number: value': 1,
    });
    expect(sumsAddUp(tally)).toBe(true);
  });

  test.each([
    ['s', '12.345678901', 12_345_678_901n],
    ['s', '12', 12_000_000_000n],
    ['ms', '12.5', 12_500_000n],
    ['us', '1700000000000000.123', 1_700_000_000_000_000_123n],
    ['ns', '1795369577145637123', 1_795_369_577_145_637_123n],
  ])('a time in %s is exact: %s', (unit, text, originNs) => {
    const format = ruleFormat({ ...DOORBELL, time: { group: 't', unit } }, { clock: 'monotonic' });
    const { events, summary } = decodeWith(format, Buffer.from(`${text} db sq1 1\n`));
    expect(summary).toMatchObject({ clock: 'monotonic', originNs });
    expect(events[0]).toMatchObject({ timeNs: 0 });
  });

  test('a rule with a time refuses a line without one', () => {
    const format = ruleFormat({ ...DOORBELL, time: { group: 't', unit: 's' } }, { clock: 'trace' });
    expect([...decodeWith(format, Buffer.from('db sq1 1\n')).tally.rejectReasons.keys()]).toEqual(["doorbell.mmio: the time can't be read"]);
  });

  test('the first rule that matches counts; then ignored patterns; the rest is unknown', () => {
    const format = ruleFormat(
      { pattern: '^lost (?<n>\\d+)', event: 'lost', fields: { value: { group: 'n' } } },
      { ignore: ['^#', { pattern: '^noise', name: 'noise' }] },
    );
    const { tally } = decodeWith(format, Buffer.from('lost 7\n# a\nnoise\n\nwhat\n'));
    expect(tally.counts).toEqual({ read: 5, events: 1, ignored: 3, unknown: 1, rejected: 0, lost: 7 });
    expect(Object.fromEntries(tally.ignoredNames)).toEqual({ '(blank)': 1, '(ignored by the declaration)': 1, noise: 1 });
    expect(Object.fromEntries(tally.unknownNames)).toEqual({ [NO_RULE]: 1 });
  });

  test('constants and groups in optional parts', () => {
    const format = ruleFormat({
      pattern: '^done q(?<q>\\d+) c(?<c>\\d+)(?: s(?<s>\\d+))?$',
      event: 'command.complete',
      fields: { queue: { group: 'q' }, cid: { group: 'c' }, status: { group: 's' }, side: 'cq', controller: 3 },
    });
    const { events } = decodeWith(format, Buffer.from('done q1 c2 s5\ndone q1 c3\n'));
    expect(events.map(({ status, side, controller }) => [status, side, controller])).toEqual([
      [5, 1, 3],
      [ABSENT, 1, 3],
    ]);
  });

  test('a longer line than the declaration allows is refused', () => {
    const format = ruleFormat(DOORBELL, { maxLineBytes: 20 });
    const { tally } = decodeWith(format, Buffer.from(`db sq1 1\ndb sq1 ${'1'.repeat(30)}\n`));
    expect(Object.fromEntries(tally.rejectReasons)).toEqual({ 'the line is longer than 20 bytes': 1 });
  });

  test('any bytes: nothing throws, every line counts once', () => {
    const format = ruleFormat(DOORBELL);
    holds(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, chunkBytes) => {
        const { tally } = decodeWith(format, bytes, chunkBytes);
        expect(sumsAddUp(tally)).toBe(true);
      }),
    );
  });
});

describe('patterns', () => {
  test.each([
    [String.raw`^(?<a>\d+) [^ ]+ (?:x|y)? (?:ab){1,3}[()*+]\(+$`, undefined],
    ['(?<!a)(?<n>b)+', undefined],
    ['(a+)+', /repeats without bound holds something else/],
    ['(?:x(?:a*)y){2,}', /repeats without bound holds something else/],
    ['(?<g>(a|b))?', undefined],
    ['((a|aa))*', /a group with alternatives repeats/],
    ['(?:a|aa)+', /a group with alternatives repeats/],
    [String.raw`(?<a>x)\k<a>`, /back-references/],
    [String.raw`(x)\1`, /back-references/],
    ['(', /Invalid regular expression/],
    ['[a', /Invalid regular expression/],
    [String.raw`\y`, /Invalid regular expression/],
  ])('%s', (pattern, fault) => {
    if (fault === undefined) expect(patternFault(pattern)).toBeUndefined();
    else expect(patternFault(pattern)).toMatch(fault);
  });

  test('group names', () => {
    expect(groupNames('^(?<a>x)(?:(?<b>y)|z)')).toEqual(['a', 'b']);
    expect(groupNames('x')).toEqual([]);
  });
});

/** What the user is told about a declaration. */
async function told(content: unknown): Promise<string> {
  const path = join(tempFolder(), 'my.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const error: unknown = await loadDeclaredFormat(path).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof BellwetherError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.exitCode).toBe(2);
  expect(error.suggestions.join(' ')).toContain('docs/formats/declared.md');
  return error.message.replace(path, 'my.json');
}

describe('a faulty declaration', () => {
  const whole = { name: 'mine', clock: 'none', rules: [DOORBELL] };

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /^--format my\.json is no JSON: /],
    ['no object', [], /expected object/],
    ['a missing clock', { ...whole, clock: undefined }, /expected one of "none"\|"realtime"\|"monotonic"\|"boot"\|"trace"\n {2}→ at clock/],
    ['an unknown key', { ...whole, rule: [] }, /Unrecognized key: "rule"/],
    ['a name with blanks', { ...whole, name: 'my format' }, /expected 1 to 40 of a-z, 0-9 and "-"\n {2}→ at name/],
    ['no rules', { ...whole, rules: [] }, /→ at rules/],
    ['an unknown event', { ...whole, rules: [{ ...DOORBELL, event: 'doorbell' }] }, /expected one of "doorbell\.mmio".*\n {2}→ at rules\[0\]\.event/],
    ['a broken pattern', { ...whole, rules: [{ ...DOORBELL, pattern: '(' }] }, /Invalid regular expression.*\n {2}→ at rules\[0\]\.pattern/],
    ['a dangerous pattern', { ...whole, ignore: ['(a*)*'] }, /→ at ignore\[0\]/],
    ['an unknown group', { ...whole, rules: [{ ...DOORBELL, fields: { ...DOORBELL.fields, queue: { group: 'qid' } } }] }, /the pattern has no group "qid"; it has "t", "side", "q", "v"\n {2}→ at rules\[0\]\.fields\.queue\.group/],
    ['a column of another event', { ...whole, rules: [{ ...DOORBELL, fields: { ...DOORBELL.fields, cid: 1 } }] }, /doorbell\.mmio has no cid; it has queue, side, value, thread, controller\n {2}→ at rules\[0\]\.fields\.cid/],
    ['a missing column', { ...whole, rules: [{ ...DOORBELL, fields: { queue: 1 } }] }, /doorbell\.mmio needs "side"\n {2}→ at rules\[0\]\.fields/],
    ['a constant out of range', { ...whole, rules: [{ ...DOORBELL, fields: { queue: 70000, side: 'sq' } }] }, /expected 0 to 65535\n {2}→ at rules\[0\]\.fields\.queue/],
    ['a side as a queue', { ...whole, rules: [{ ...DOORBELL, fields: { queue: 'sq', side: 'sq' } }] }, /"sq" fits only "side"/],
    ['a clock without time', { ...whole, clock: 'boot' }, /a "time" is missing: the clock is "boot", not "none"\n {2}→ at rules\[0\]/],
    ['a time without clock', { ...whole, rules: [{ ...DOORBELL, time: { group: 't', unit: 's' } }] }, /there is a "time", but the clock is "none"\n {2}→ at rules\[0\]\.time/],
    ['a unit that there is not', { ...whole, clock: 'boot', rules: [{ ...DOORBELL, time: { group: 't', unit: 'min' } }] }, /expected one of "s"\|"ms"\|"us"\|"ns"\n {2}→ at rules\[0\]\.time\.unit/],
  ])('%s is named with its path', async (_, content, message) => {
    expect(await told(content)).toMatch(message);
  });

  test('a missing file is refused', async () => {
    await expect(loadDeclaredFormat('nowhere.json')).rejects.toMatchObject({ exitCode: 2, message: "--format nowhere.json can't be read: there is no such file" });
  });
});
