// docs/verify.md: how policies are verified, with tables computed from the programs.

import { DEVICES } from '../model/device/catalogue.js';
import { DRIVERS } from '../model/driver/catalogue.js';
import { CQ_FAMILIES, CQ_POLICIES, SQ_FAMILIES, SQ_POLICIES } from '../model/policy/catalogue.js';
import type { Policy } from '../model/policy/policy.js';
import type { Exploration } from '../verify/explore.js';
import { MEMORY_MODELS } from '../verify/memory.js';
import { BARRIER_SETTINGS, TABLE_POLICIES, verdictTable } from '../verify/table.js';
import { FAULTY_VARIANTS, SOUND_VARIANTS } from '../verify/variants.js';
import { DEFAULT_BOUNDS, verify } from '../verify/verify.js';
import { named, policyNamed } from './catalogue.js';
import { table } from './policies-document.js';

const { depth, commands, batch, maxStates } = DEFAULT_BOUNDS;

const INTRODUCTION = `# Can a policy lose a wake-up?

\`bellwether verify\` takes the program of an event-index policy, the same object that a replay runs, and the announcement steps of a driver, and goes through every order in which
their memory accesses can happen. It ends with a verdict, the number of different states, and for a failure the counterexample with the fewest steps.

\`\`\`sh
bellwether verify follow-tail
bellwether verify arm-when-empty --driver spdk --memory arm
bellwether verify C2 --json
bellwether verify arm-when-empty --reset cleared
bellwether verify C5 --queues 2
\`\`\`

This one ends with exit code 5 and a counterexample: the read barrier of the 2014 proposal doesn't keep the EventIdx load behind the shadow store.

    bellwether verify follow-tail --driver google-2014 --diagram lost.svg

The diagram shows the steps of the driver and the device one below the other, with what reaches the other side; it is a chart like others ([charts.md](charts.md)).

Without a name, all policies of the catalogue are verified.

| verdict | meaning | exit code |
|---|---|---|
| \`safe\` | every interleaving within the bounds gets all announced work done | 0 |
| \`lost-wakeup\` | SQ: the driver is between announcements, no store and no ring is on its way, no timer is set, and the device sleeps with commands that it hasn't seen | 5 |
| \`lost-completion\` | CQ: the driver has consumed all that was posted, nothing is on its way, and the device waits for a ring with more to post | 5 |
| \`stale-shadow\` | with \`--stale\`: the same as lost-wakeup, from words that an earlier life left; or the device fetches what the driver never filled | 5 |
| \`livelock\` | from some state on, no order of steps gets the announced work done, though somebody stays awake | 5 |
| \`unknown\` | \`--max-states\` was reached first, with nothing wrong until there. Not a pass | 5 |

A state with work left in which nobody can move is a deadlock. If it is none of the others its verdict is \`livelock\` too, and the reason says "deadlock".
A policy that reads the time outside of \`measure\`, or writes what it can't, can't be verified: exit code 2.
A policy of the catalogue whose parameters only matter on larger queues is verified twice: as it is, and with smaller values (\`look-ahead:k=4\` with k = 2).

In JSON: \`verdict\`, \`states\` and \`counterexample[]\` (\`step\`, \`thread\`, \`action\`, \`value\`, \`text\`; of the first policy that isn't safe), \`driver\`, \`driver_barrier\`, \`device_barrier\`, \`memory\`, \`stale\`,
\`bounds\`, and \`policies[]\` with the same for each.

## What is explored

**SQ.** The driver adds 1 to B commands and runs its announcement: load the old value, store shadow, barrier, load EventIdx, ring if needed. It does so until it has added all
commands, and may stop for ever after any announcement. It never fills the ring beyond depth - 1; it knows at once what the device has fetched. The device sleeps until it is rung, runs \`onStart\`, fetches what it has seen with \`onCommand\` after each, runs \`onEmpty\`
when nothing is left, and sleeps if that brought nothing new. A *poll* or *timer* step lets its next pass begin at any time: how long that takes is not judged, nor how long a command waits. A *measure* of time comes out either way, whenever it happens; what *time* steps note is not part of a state.
For a policy that reads \`inFlight\` or has \`onComplete\`, commands in flight complete at any time between two passes, as many as the bounds allow; a *stop* ends a pass with what is left.

**CQ.** The device has completions to post, more than the queue holds: \`onPost\` before each, \`onFull\` when there is no room by what it has read, and it waits for a ring if there is still none. The driver consumes what it sees, in
pieces of 1 to B, and announces its head after each. Interrupts are never lost here. A driver whose queue has room for all its commands can't meet these failures.

**Several threads.** \`--queues 2\` has two threads of the device post to the one queue in turns, for a submission queue each. They share what the policy knows, under a lock that orders all their accesses; each waits on its own when the queue is full, and a ring wakes all that wait. The
queue is smaller than what the submission queues hold together: completions wait. With one thread for several submission queues, the device behaves as with one.

**Reset.** \`--reset cleared|kept\`: once, between two announcements, the driver resets the controller. Both sides begin anew at index 0, what wasn't fetched is lost, and the shared words are cleared or keep their values. A wake-up that is lost afterwards is \`stale-shadow\`.

**Without shadow doorbells** (\`off\`) the driver's announcement is one register write, and the device reads that register.

**Rings.** A ring wakes a sleeping device or is remembered until it would sleep; two rings may become one; the value that was written is not used. That is an ioeventfd. A device that takes the value
from the register knows more.

**Barriers.** \`--driver-barrier full|read|none\` puts that barrier in place of the driver's own. \`--device-barrier none\` takes every barrier out of the policy's program.

**Leftovers.** \`--stale\` starts with every combination of values in the shadow and EventIdx words, as after a reset without clearing, with both sides at index 0.

## Memory models

- \`sc\`: a store is visible to all at once.
- \`tso\`: x86-TSO. Each thread has a FIFO of stores, which become visible one at a time, in order, at any time. A load takes the newest waiting store of its own thread to the word, else the visible value. A full barrier
  empties the FIFO. A read barrier does nothing.
- \`arm\`: Arm-like. As \`tso\`, but stores to different words become visible in any order, and a load may be satisfied early: at any time after its thread's last load of that word, last own store to it, and last barrier. A full
  barrier does both, a read barrier makes later loads later. A store never becomes visible before an earlier load of its thread is satisfied. Armv8 allows that where neither a dependency nor a branch
  lies between them; in the programs here one always does, as a device branches on what it read before its next step. A program that re-reads and then publishes something else in the same list is the exception, and \`arm\` is
  stronger than the architecture for it. Loads never return values that were not stored, and a store is visible to all others at once, as in Armv8. Acquire and release instructions are not modelled.

In all three a register write makes the driver's earlier stores visible first, and waking up goes through the scheduler: no load of the pass is older. Going to sleep orders nothing, although a system call often would: a device shouldn't depend on it.
Entries of the queues are not modelled, so that the write barrier between a command and the shadow store is not judged. CQ entries are one shared word, the number posted.

## Bounds

\`--depth ${depth}\`, \`--commands ${commands}\` (more than the depth, so that indexes wrap), \`--batch ${batch}\`, \`--max-states ${maxStates}\` for each policy; these are the defaults. A driver that announces each command has batches of 1 on the SQ. One queue, one driver thread, one device thread but for \`--queues\`.
\`safe\` says nothing beyond the bounds. The failures in the tables below need two commands on the SQ.

`;

/** Parameters that turn a verdict round, or show what the defaults don't on a small queue. */
const DIFFERENT = ['follow-head-batched:b=2', 'look-ahead:k=1,timer-us=0', 'outstanding-fraction:timer-us=0', 'depth-gated:reread=1', 'in-flight-cap:c=2', 'never:recheck-us=5', 'half-depth:recheck-us=0'].map((spec) =>
  policyNamed('POLICY', [...SQ_FAMILIES, ...CQ_FAMILIES], spec),
);

/** The whole document. @param judge verifies; whoever gives one sees each question and its answer */
export function verifyDocument(judge: typeof verify = verify): string {
  const driver = named('--driver', DRIVERS, undefined);
  const columns = BARRIER_SETTINGS.map(({ name }) => name);
  const sqRows = verdictTable(driver, 'tso', DEFAULT_BOUNDS, judge).map(({ policy, cells }) => [`\`${policy.name}\``, ...cells.map(cell)]);
  const cqRows = CQ_POLICIES.map((policy) => [
    `\`${policy.name}\``,
    ...BARRIER_SETTINGS.map(({ driverBarrier, deviceBarrier }) => cell(judge({ policy, driver, driverBarrier, deviceBarrier, memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS }))),
  ]);
  const drivers = DRIVERS.map((model) => [
    `\`${model.name}\``,
    ...MEMORY_MODELS.map((memory) => cell(judge({ policy: TABLE_POLICIES[0]!, driver: model, deviceBarrier: 'full', memory, stale: false, bounds: DEFAULT_BOUNDS }))),
  ]);
  const asIs = (policy: Policy): string => cell(judge({ policy, driver, deviceBarrier: 'full', memory: 'tso', stale: false, bounds: DEFAULT_BOUNDS }));
  const verdicts = new Map([...SQ_POLICIES, ...CQ_POLICIES, ...DIFFERENT, ...shipped('sqPolicy'), ...shipped('cqPolicy')].map((policy) => [nameOf(policy), { policy, verdict: asIs(policy) }]));
  const devices = DEVICES.filter(({ accepts }) => accepts !== undefined).map(({ name, sqPolicy, cqPolicy }) => [
    `\`${name}\``,
    ...[sqPolicy, cqPolicy].map((policy) => `\`${policy.name}\`: ${verdicts.get(nameOf(policy))!.verdict}`),
  ]);
  return [
    INTRODUCTION,
    `## Verdicts\n\nComputed with driver \`${driver.name}\` under \`tso\` within the default bounds: verdict, states, and steps of the shortest counterexample.\n\n`,
    table(['submission queue', ...columns], sqRows),
    '\nThe first six are safe exactly when both sides have their full barrier. The last four lose wake-ups whatever the barriers, also under `sc`.\n\n',
    table(['completion queue', ...columns], cqRows),
    '\n`never` needs something else that wakes the device. `tail-minus-one` has no look after its publication: it is safe under `sc` with 4 to 6 entries, and fails under `sc` with 2 and 3.\n\n',
    '\nEvery policy of the catalogue with its defaults and its barriers, and some whose parameters make the difference:\n\n',
    table(['policy', 'id', 'side', 'verdict'], [...verdicts.values()].map(({ policy, verdict }) => [`\`${policy.name}\``, policy.id, policy.side, verdict])),
    '\nWhat the devices ship with, the same programs that a replay on them runs:\n\n',
    table(['device', 'submission queue', 'completion queue'], devices),
    '\nA device can be better than its policy: those of SPDK and FEMU find a full completion queue\'s new head by themselves, as they poll or kick themselves. QEMU 7.1 and 7.2 hang, and Propolis can.\n',
    '\n',
    `\`${TABLE_POLICIES[0]!.name}\` with its barriers against every driver as it is:\n\n`,
    table(['driver', ...MEMORY_MODELS], drivers),
    '\n## Variants\n\nPrograms that can be named here and are not in the catalogue.\n\n',
    table(['name', 'id', 'formula', 'from', 'risk'], [...SOUND_VARIANTS, ...FAULTY_VARIANTS].map((p) => [`\`${p.name}\``, p.id, p.formula, p.provenance, p.risk])),
  ].join('');
}

/** What devices run beside the defaults of the catalogue. */
function shipped(side: 'sqPolicy' | 'cqPolicy'): Policy[] {
  return DEVICES.filter(({ accepts }) => accepts !== undefined).map((device) => device[side]);
}

/** One name for each program: both sides have a `follow-head`. */
function nameOf({ side, name }: Policy): string {
  return `${side} ${name}`;
}

function cell({ verdict, states, path }: Exploration): string {
  return verdict === 'safe' || verdict === 'unknown' ? `${verdict}, ${states}` : `**${verdict}**, ${states}, ${path.length} steps`;
}
