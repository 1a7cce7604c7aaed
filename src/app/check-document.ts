// docs/check.md, made of the rules themselves.

import { RULES } from '../history/check/catalogue.js';
import { DEVICE_BUGS, DRIVER_BUGS, type KnownBug } from '../history/check/bugs.js';
import type { RuleText } from '../history/check/rule.js';
import { DEFAULT_KEEP, DEFAULT_STALL_MS } from './check.js';

const INTRODUCTION = `# The audit

\`bellwether check TRACE\` reads a trace once and applies the rules below.

\`\`\`sh
bellwether ingest randread32-on-1.qemu.log.gz
bellwether check randread32-on-1
bellwether check randread32-on-1 --rule missed-ring --rule unasked-ring --json
bellwether list rules
\`\`\`

- It ends with exit code 5 when there is a finding of severity *error*, with 0 otherwise.
- **error**: the capture excludes every innocent explanation that we know. **warning**: probably wrong, or wasteful. **note**: worth knowing when reading the rest.
- A finding names its rule, controller, queue and side, the event (its number in the trace, its time, its line or byte in the source), and its evidence.
- The first ${DEFAULT_KEEP} findings of each rule and severity are shown, and the others are counted: \`--keep N\`.
- What explains others comes first (controllers-merged), then errors, warnings and notes; within a severity, the rule whose first finding is earliest, because what goes wrong first is often the cause of the rest.
- Every rule counts the cases that it could judge, and those that it had to leave open: each doorbell write, command or queue that it looks at is a case. A rule that judged none is *not decidable* on this capture, and is listed with what it needs. One that judged some and left others open is *decided in part*: that it found nothing tells nothing about the cases left open, such as those on queues that are older than the capture, or after a loss.
- A wait is a stall beyond ${DEFAULT_STALL_MS} ms: \`--stall-ms N\`. In the captures that the rules were tried on, of emulated guests, no command waited longer than 96 ms; Linux gives a command up after 30 s.

## What softens a finding

- Counts of entries prove something only from a queue's creation on. For queues that are older than the capture, and from a mark of loss on, rules that count leave their cases open.
- Where records could not be read, errors become warnings.
- A hole or a repetition that the capture doesn't mark looks like a fault: the first contradiction on a queue pair is reported, and what can follow from it is left open for a lap of the ring, or 256 completions where the ring is shorter.
- Where controllers-merged fires, errors of the same controller become warnings and warnings notes, and name it.
- A trapped register write waits for the device's lock, so it may show after newer shadow reads. Positions on the ring are tried both ways, and what either explains is not reported.
- An EventIdx may be published between the driver's store and its load. Every value that the driver may have loaded is tried.
- Where the whole trace was silent during a wait, the machine may have been paused: a warning.
- Records are taken in the order of the capture. A capture of a device with several threads may have neighbours swapped.

At most 16,384 doorbells are followed; events of others are counted. Memory doesn't grow with the trace.

## In JSON

| key | what |
| --- | --- |
| \`trace\` | the trace, with its \`sources[]\` |
| \`findings[]\` | the first of each rule and severity: \`rule\`, \`severity\`, \`controller\`, \`queue\`, \`side\`, \`at\`, \`evidence\`; null where it is not known or does not apply |
| \`findings[].at\` | \`seq\` number of the event in the trace, \`time_ns\`, \`source\` number in \`trace.sources\`, \`place\` in that source, \`unit\` of the place: "line" (from 1) or "byte" (from 0). Null: the trace as a whole |
| \`counts[]\` | for each rule and severity: \`count\` how often it fired, \`shown\` how many of these are in \`findings\` |
| \`errors\`, \`warnings\`, \`notes\` | their totals, with those that are not shown |
| \`decided[]\` | rules that judged a case: \`rule\`, \`checked\` cases judged, \`open\` cases left open; more than 0: decided in part |
| \`undecided[]\` | rules that judged none: \`rule\`, \`needs\`, \`open\` |
| \`untracked\` | doorbell events of more queues than are followed |
| \`not_stored\` | why the store does not have these findings (view \`findings\`); null when it has, or when only some rules were asked for |
`;

/** The whole document. */
export function checkDocument(): string {
  return [
    INTRODUCTION,
    '## Rules\n',
    table(['rule', 'at worst', 'what is wrong'], RULES.map((rule) => [`[${rule.id}](#${rule.id})`, rule.severity, rule.title])),
    ...RULES.map(section),
    '## Which rule shows which bug\n',
    'Drivers:\n',
    bugTable(DRIVER_BUGS),
    'Devices:\n',
    bugTable(DEVICE_BUGS),
  ].join('\n');
}

function section({ id, severity, title, doc, evidence, needs, source }: RuleText): string {
  return `### ${id}

${title} At worst: ${severity}.

${doc}

- Evidence: ${evidence}.
- Needs: ${needs}.
- Source: ${source}.
`;
}

function bugTable(bugs: readonly KnownBug[]): string {
  return table(['bug', 'effect', 'shown by', 'remark'], bugs.map(({ bug, effect, rules, note }) => [bug, effect, rules.length === 0 ? 'no rule' : rules.join(', '), note]));
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(header) + line(header.map(() => '---')) + rows.map(line).join('');
}
