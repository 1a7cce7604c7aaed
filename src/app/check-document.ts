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
- Every rule counts the cases that it could judge, and those that it had to leave open. A rule that judged none is listed as not decidable, with what it needs.
- A wait is a stall beyond ${DEFAULT_STALL_MS} ms: \`--stall-ms N\`. In the captures that the rules were tried on, of emulated guests, no command waited longer than 79 ms; Linux gives a command up after 30 s.

## What softens a finding

- Counts of entries prove something only from a queue's creation on. For queues that are older than the capture, and from a mark of loss on, rules that count leave their cases open.
- Where records could not be read, errors become warnings.
- A trapped register write waits for the device's lock, so it may show after newer shadow reads. Positions on the ring are tried both ways, and what either explains is not reported.
- An EventIdx may be published between the driver's store and its load. Every value that the driver may have loaded is tried.
- Where the whole trace was silent during a wait, the machine may have been paused: a warning.
- Records are taken in the order of the capture. A capture of a device with several threads may have neighbours swapped.

At most 16,384 doorbells are followed; events of others are counted. Memory doesn't grow with the trace.

In JSON, \`findings[]\` holds \`rule\`, \`severity\`, \`controller\`, \`queue\`, \`side\`, \`at\` (\`seq\`, \`time_ns\`, \`place\`) and \`evidence\`; \`counts[]\` how often each rule fired; \`decided[]\` and
\`undecided[]\` what each rule could judge.
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
