// "bellwether policy new": a commented file to begin a policy of one's own with.

import { NewFile } from './new-file.js';

/** Where the types of a policy come from: this package's own export, quoted. */
const TYPES = JSON.stringify('bellwether/policy');

/** The file. It is a policy that works: the exact one that arms when the queue is empty, with a batch to wait for. */
export const POLICY_TEMPLATE = `// Event-index policies of your own. Try them with
//
//   bellwether verify ./mine.js#patient
//   bellwether replay TRACE --policy ./mine.js#patient:b=8
//
// A policy is a small program: lists of steps that the device runs at fixed points of its work. The replay runs them for
// their cost, and "verify" runs the same objects through every interleaving with a driver.
//
//   { step: 'reread' }                       read the shadow doorbell again: view.seen
//   { step: 'publish', index: (view) => n }  write EventIdx; undefined: leave it as it is
//   { step: 'barrier' }                      a full barrier: earlier stores are visible before later loads
//   { step: 'poll', everyNs, forNs }         stay awake, look for news that often, for so long at most
//   { step: 'timer', afterNs }               sleep, but begin another pass after that time
//   { step: 'set', register, value }         write one of your own registers 0 to 3: view.state
//   { step: 'time', register, value }        the same for times and rates: view.times; view.nowNs is the clock
//   { step: 'measure', register, holds }     view.state[register] becomes 1 or 0; the only condition that may read times
//   { step: 'stop' }                         end the pass here, with what is left in the queue
//   { step: 'look' }                         in onComplete: begin a pass
//
// Each step may have a condition, when: (view) => true or false. What a view holds:
//
//   depth      entries of the queue
//   position   SQ: next entry to fetch; CQ: next entry to post
//   seen       the last value read from the shadow doorbell: SQ tail, CQ head
//   published  the last value written to EventIdx
//   inFlight   commands fetched and not completed
//   state, times, nowNs   see above

/** @type {import(${TYPES}).Policy} */
export const patient = {
  side: 'sq',
  formula: 'after each b commands, and when empty: e := h; barrier; t := s',
  provenance: 'mine',
  risk: 'silent while a batch is fetched',
  parameters: [
    // \`small\` is what "verify" uses at most: its queues have few entries.
    { name: 'b', doc: 'commands between two publications', default: 4, min: 1, max: 1024, whole: true, tries: [1, 4, 16], small: 2 },
  ],
  // Without parameters, \`program\` may be the object itself.
  program: ({ b }) => {
    const due = (view) => view.state[0] === 0;
    return {
      // A pass over the queue begins.
      onStart: [{ step: 'reread' }],
      // A command was fetched.
      onCommand: [
        { step: 'set', register: 0, value: (view) => (view.state[0] + 1) % b },
        { step: 'publish', when: due, index: (view) => view.position },
        { step: 'barrier', when: due },
        { step: 'reread', when: due },
      ],
      // Empty by what was read. The device sleeps if it still is after these steps: publish, barrier, look again.
      onEmpty: [
        { step: 'set', register: 0, value: () => 0 },
        { step: 'publish', index: (view) => view.position },
        { step: 'barrier' },
        { step: 'reread' },
      ],
    };
  },
};

/** @type {import(${TYPES}).Policy} */
export const roomy = {
  side: 'cq',
  formula: 'when full: e := H; barrier; H := s; wait only if still full',
  program: {
    // Doorbell Buffer Config was accepted.
    onConfig: [],
    // A completion is about to be posted.
    onPost: [],
    // Full by what was read. The device waits for a ring if it still is after these steps.
    onFull: [{ step: 'publish', index: (view) => view.seen }, { step: 'barrier' }, { step: 'reread' }],
  },
};
`;

/** Writes the template. Throws a usageError when the file is there already and \`force\` doesn't say to replace it. */
export async function newPolicyFile(path: string, force: boolean): Promise<{ readonly file: string }> {
  const file = await NewFile.begin(path, force);
  try {
    await file.write(Buffer.from(POLICY_TEMPLATE));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
  return { file: path };
}
