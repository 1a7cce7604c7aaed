// docs/policies.md: the catalogue, made of the policies themselves.

import { CQ_FAMILIES, SQ_FAMILIES } from '../model/policy/catalogue.js';
import type { Family } from '../model/policy/family.js';
import { KNOBS } from '../model/driver/knobs.js';
import { CALL_LIMIT_MS } from './own/watch.js';
import { rangeText } from './specs.js';

const INTRODUCTION = `# Event-index policies

Under shadow doorbells the driver writes the register only when its update passes the event index (EventIdx) that the device published.
What the device publishes, and when, is its event-index policy. The specification leaves it open.

    t  shadow SQ tail that the device read last      H  shadow CQ head that the device read last
    h  next entry that it will fetch                 c  next entry that it will post
    s  the shadow word now                           e  EventIdx
    N  entries of the queue                          all arithmetic is modulo N

A policy is a small program of named steps, which the device runs at fixed points of its work. A replay runs it for its cost, and [verify](verify.md)
runs the same object through every interleaving. \`bellwether list policies\` prints the formulas, with a name all of one policy, with \`--long\` all that follows.

`;

const SPELLING = `
## Parameters

A policy is named by its name or number, with parameters behind a colon: \`look-ahead:k=8,timer-us=100\`.

`;

const TRY = `
## Try one

\`\`\`sh
bellwether ingest randread32-off-1.qemu.log.gz
bellwether replay randread32-off-1 --policy arm-when-empty --cq-policy arm-when-full
bellwether replay randread32-off-1 --policy poll-then-arm:t-us=50,trail=1 --cq-policy C4 --repeat 4
\`\`\`

Many at once, and which of them wins, is in [sweep.md](sweep.md). Whether a policy can lose a wake-up, and with which barriers, is in [verify.md](verify.md).

What a replay makes of a policy that polls: the device is awake as long as the policy says, and finds a new value at its next look. A register write still reaches it. Polling is charged as time of the device on a core of
its own (\`device_poll_ns\`, the share \`poll_cpu\` of a sweep): a poller that would take a core from the vCPUs, as on a host with fewer cores than threads, is not modelled. A timer costs what waking up costs.
`;

const OWN = `
## Your own

\`bellwether policy new mine.js\` writes a commented file with a policy for each side. A policy in it goes through everything that takes one:

\`\`\`sh
bellwether policy new mine.js
bellwether verify ./mine.js#patient
bellwether verify ./mine.js#roomy
bellwether replay randread32-off-1 --policy ./mine.js#patient:b=8 --cq-policy ./mine.js#roomy --repeat 4
bellwether sweep randread32-off-1 --policies ./mine.js#patient:b=1/8 --cq-policies ./mine.js#roomy --seeds 2
\`\`\`

- The file is an ES module. Each of its exports that is a policy can be named: \`FILE#NAME\`, with parameters behind a colon. It needs nothing installed; the types are those of the export \`bellwether/policy\`.
- What a policy knows is in its view, which is read-only, and in registers of its own. Registers 0 to 3 of \`state\` hold whole numbers from 0 to 65535 and are part of what the verifier explores; those of \`times\` hold times and rates, which it leaves out. So only
  \`time\` steps, the condition of a \`measure\`, and durations may read \`times\` or \`nowNs\`. The verifier tries both outcomes of every \`measure\`, whenever it happens.
- A policy runs in a thread of its own. One that throws, returns what can't be written, changes its view, reads what the view doesn't have, or the computer's clock or random numbers (\`Date\`, \`performance.now\`, \`process.hrtime\`, \`Math.random\`) ends in an error that names it and the step, exit code 3. A call that takes longer than ${CALL_LIMIT_MS / 1000} s is taken for a loop, and its thread is ended;
  a policy that never lets the device rest is cut off by the model's bound on events and reported as runaway. In a sweep the policy's own cells fail, and no others.
- It is code, and runs with your rights: name no file that you wouldn't run.
- A run or cell is stored with the SHA-256 of the file. Files that it imports are not part of that.

## Knobs of the driver

They multiply with every policy. They follow a driver's name: \`--driver linux-batched:batch=4,inclusive=1\`. What isn't given stays as the driver does it.

`;

/** The whole document. */
export function policiesDocument(): string {
  const listed = [...SQ_FAMILIES, ...CQ_FAMILIES];
  return [
    INTRODUCTION,
    '## Submission queues\n\n',
    policyTable(SQ_FAMILIES),
    '\n## Completion queues\n\n',
    policyTable(CQ_FAMILIES),
    SPELLING,
    table(
      ['policy', 'parameter', 'default', 'takes', 'meaning'],
      listed.flatMap(({ name, id, parameters }) => parameters.map((parameter) => [`\`${name}\` (${id})`, `\`${parameter.name}\``, String(parameter.default), rangeText(parameter), parameter.doc])),
    ),
    TRY,
    OWN,
    table(
      ['id', 'knob', 'takes', 'meaning', 'used by', 'risk'],
      KNOBS.map(({ id, parameter, provenance, risk }) => [id, `\`${parameter.name}\``, rangeText(parameter), parameter.doc, provenance, risk]),
    ),
  ].join('');
}

function policyTable(families: readonly Family[]): string {
  return table(
    ['name', 'id', 'formula', 'used by', 'risk'],
    families.map(({ name, id, formula, provenance, risk }) => [`\`${name}\``, id, formula, provenance, risk]),
  );
}

/** A Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(header) + line(header.map(() => '---')) + rows.map(line).join('');
}
