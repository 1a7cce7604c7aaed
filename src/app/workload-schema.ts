// The schema of a workload file: JSON that describes jobs, guest, device and host as fio and the model see them.
// docs/workloads.md explains each key, and a test holds that it names them all.

import * as z from 'zod';
import { NS_PER_MS, NS_PER_S, NS_PER_US } from '../base/units.js';
import type { Distribution } from '../replay/workload/distribution.js';

/** Commands of one job, and jobs, at most: a run of all of them takes minutes. */
const MAX_COMMANDS = 10_000_000;
const MAX_COMMANDS_IN_ALL = 50_000_000;
/** Entries of all queues: occupancy is counted level by level. */
const MAX_ENTRIES = 1_000_000;
const MAX_VCPUS = 256;
const MAX_VALUES = 100_000;
const LONGEST_NS = 3600 * NS_PER_S;

const UNIT_NS = { ns: 1, us: NS_PER_US, ms: NS_PER_MS, s: NS_PER_S } as const;
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?) ?(ns|us|ms|s)$/;
const WANTED_DURATION = 'expected a duration with its unit, such as "8.7us"; units are ns, us, ms, s, and an hour is the most';

/** A duration as text, in ns. */
const duration = z
  .string({ error: WANTED_DURATION })
  .transform((text, context): number => {
    const [, number, unit] = DURATION.exec(text) ?? [];
    const ns = Number(number) * UNIT_NS[unit as keyof typeof UNIT_NS];
    if (ns <= LONGEST_NS) return ns;
    context.addIssue({ code: 'custom', message: WANTED_DURATION });
    return z.NEVER;
  });

const positive = duration.refine((ns) => ns > 0, 'expected more than 0');

const uniform = z
  .tuple([duration, duration])
  .refine(([low, high]) => low <= high, 'expected the lower bound first')
  .transform(([lowNs, highNs]): Distribution => ({ kind: 'uniform', lowNs, highNs }));
const lognormal = z
  .strictObject({ median: positive, p99: positive })
  .refine(({ median, p99 }) => p99 >= median, { message: 'expected at least the median', path: ['p99'] })
  .transform(({ median, p99 }): Distribution => ({ kind: 'lognormal', medianNs: median, p99Ns: p99 }));

/** A duration that is always the same, or one of the documented distributions. */
const distribution = z.union(
  [
    duration.transform((ns): Distribution => ({ kind: 'constant', ns })),
    z.strictObject({ uniform }).transform((of) => of.uniform),
    z.strictObject({ exponential: positive }).transform((of): Distribution => ({ kind: 'exponential', meanNs: of.exponential })),
    z.strictObject({ lognormal }).transform((of) => of.lognormal),
    z.strictObject({ values: z.array(duration).min(1).max(MAX_VALUES) }).transform((of): Distribution => ({ kind: 'values', ns: of.values })),
  ],
  {
    error:
      'expected a duration such as "8.7us", or one of {"uniform": ["1us", "3us"]}, {"exponential": "80us"}, ' +
      '{"lognormal": {"median": "80us", "p99": "300us"}}, {"values": ["70us", "90us"]}',
  },
);

const SIZE = /^(\d{1,7})([kKmM]?)$/;
const WANTED_SIZE = 'expected a block size of 512 bytes to 16 MiB, such as 4096 or "4k"';
/** Bytes as a number or as fio writes them. */
const size = z.union([z.int(), z.string()], { error: WANTED_SIZE }).transform((given, context): number => {
  const [, number, unit = ''] = SIZE.exec(String(given)) ?? [];
  const bytes = Number(number) * { '': 1, k: 1024, m: 1024 * 1024 }[unit.toLowerCase() as '' | 'k' | 'm'];
  if (bytes >= 512 && bytes <= 16 * 1024 * 1024) return bytes;
  context.addIssue({ code: 'custom', message: WANTED_SIZE });
  return z.NEVER;
});

const share = z.number().min(0).max(1_000_000);
const depth = z.int().min(1).max(65_535);
const text = z.string().max(2_000);

const job = z.strictObject({
  name: z.string().min(1).max(100).default('job'),
  count: z.int().min(1).max(MAX_VCPUS).default(1),
  vcpu: z.int().min(0).max(MAX_VCPUS - 1).optional(),
  iodepth: depth.default(1),
  batch: depth.default(1),
  block: size.default(4096),
  mix: z.strictObject({ read: share.default(0), write: share.default(0), flush: share.default(0), trim: share.default(0) }).prefault({ read: 100 }),
  flush_waits: z.boolean().default(true),
  think: distribution.prefault('1.4us'),
  resume: distribution.optional(),
  pause: z.strictObject({ every: z.int().min(1), for: distribution }).optional(),
  commands: z.int().min(1).max(MAX_COMMANDS).default(50_000),
  runtime: positive.prefault('60s'),
});

const guest = z.strictObject({
  vcpus: z.int().min(1).max(MAX_VCPUS).optional(),
  queue_depth: z.int().min(2).max(65_535).default(1024),
  polled: z.boolean().default(false),
  interrupt_idle: distribution.prefault('2.5us'),
  interrupt_busy: distribution.prefault('1.3us'),
  interrupt_pending: distribution.prefault('0.2us'),
  handler_tail: distribution.prefault('0us'),
  per_completion: distribution.prefault('0.5us'),
  shadow_update: duration.prefault('0.1us'),
});

const service = z.strictObject({
  read: distribution.prefault('0us'),
  write: distribution.prefault('0us'),
  flush: distribution.prefault('0us'),
  trim: distribution.prefault('0us'),
});

const device = z.strictObject({
  wake: distribution.prefault('9.7us'),
  kick: distribution.prefault('0us'),
  lock_wake: distribution.prefault('9.7us'),
  dispatch: duration.prefault('0us'),
  iteration: duration.prefault('0us'),
  fetch: distribution.prefault('0.2us'),
  service: service.prefault({}),
  per_kib: duration.prefault('0us'),
  channels: z.int().min(1).max(4096).optional(),
  complete: distribution.prefault('0.12us'),
  interrupt: distribution.prefault('0.18us'),
  shadow_read: duration.prefault('0.1us'),
  eventidx_write: duration.prefault('0.1us'),
});

const transport = z.union(
  [
    z.string(),
    z
      .strictObject({ vcpu: duration, delivery: duration, lock: z.boolean().default(false), source: text.default('the workload file') })
      .refine(({ vcpu, delivery }) => delivery <= vcpu, { message: 'expected at most what "vcpu" says: a write has arrived when the vCPU goes on', path: ['delivery'] }),
  ],
  { error: 'expected the name of a transport (see "bellwether list transports"), or {"vcpu": "8.7us", "delivery": "6us", "lock": false}' },
);

/** The whole file. */
export const workloadSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,59}$/, 'expected 1 to 60 of a-z, 0-9, "." and "-"'),
    about: text.default(''),
    jobs: z.array(job).min(1).max(MAX_VCPUS),
    guest: guest.prefault({}),
    device: device.prefault({}),
    host: z.strictObject({ cores: z.int().min(1).max(1024).optional() }).prefault({}),
    machine: z
      .strictObject({ driver: text.optional(), device: text.optional(), policy: text.optional(), cq_policy: text.optional(), transport: transport.optional() })
      .prefault({}),
    sources: z.record(z.string().max(200), text).default({}),
  })
  .superRefine((file, context) => {
    for (const { path, message } of faultsOf(file)) context.addIssue({ code: 'custom', path: [...path], message });
  });

/** A file that holds what the schema asks for. */
export type WorkloadFile = z.infer<typeof workloadSchema>;

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What only several keys together show. */
function* faultsOf({ jobs, guest: { vcpus: asked, queue_depth: entriesPerQueue } }: Pick<WorkloadFile, 'jobs' | 'guest'>): Generator<Fault> {
  const vcpus = asked ?? MAX_VCPUS;
  let count = 0;
  let commands = 0;
  for (const [i, each] of jobs.entries()) {
    const { batch, iodepth, mix, vcpu } = each;
    const sum = mix.read + mix.write + mix.flush + mix.trim;
    count += each.count;
    commands += each.count * each.commands;
    if (sum === 0) yield { path: ['jobs', i, 'mix'], message: 'expected a share above 0' };
    if (batch > iodepth) yield { path: ['jobs', i, 'batch'], message: `expected at most the iodepth, ${iodepth}` };
    if (iodepth >= entriesPerQueue) yield { path: ['jobs', i, 'iodepth'], message: `expected less than the queue's ${entriesPerQueue} entries` };
    if (((mix.flush + mix.trim) * batch) / sum > 1 + 1e-9) {
      yield { path: ['jobs', i, 'mix'], message: `expected at most one flush or trim in a batch of ${batch}: their share is ${(mix.flush + mix.trim) / sum}` };
    }
    if (vcpu !== undefined && vcpu + each.count > vcpus) yield { path: ['jobs', i, 'vcpu'], message: `expected below the ${vcpus} vCPUs, for each of ${each.count}` };
  }
  if (commands > MAX_COMMANDS_IN_ALL) yield { path: ['jobs'], message: `expected at most ${MAX_COMMANDS_IN_ALL} commands in all, found ${commands}` };
  const entries = Math.min(vcpus, Math.max(count, asked ?? 1)) * entriesPerQueue;
  if (entries > MAX_ENTRIES) yield { path: ['guest', 'queue_depth'], message: `expected at most ${MAX_ENTRIES} entries over all queues, found ${entries}` };
  if (asked === undefined && count > MAX_VCPUS) yield { path: ['jobs'], message: `expected at most ${MAX_VCPUS} jobs, found ${count}: say how many vCPUs they share` };
}
