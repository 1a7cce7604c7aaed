// A review as a real one would look: numbers of a capture with iodepth 32 on two queues, and its what-if.

import { mmioChart } from '../../src/charts/mmio.js';
import { occupancyChart } from '../../src/charts/occupancy.js';
import { figureOf } from '../../src/report/figure.js';
import type { ReviewFigure, ReviewInput } from '../../src/report/input.js';
import { MMIO_ROWS, MMIO_SUBTITLE, OCCUPANCY_SUBTITLE, occupancyRows } from '../charts/samples.js';

function refuse(message: string): never {
  throw new Error(message);
}

/** Both charts of the review. Warnings of vega fail. */
export async function sampleFigures(): Promise<ReviewFigure[]> {
  return [
    await figureOf(mmioChart(MMIO_ROWS, { subtitle: MMIO_SUBTITLE }), refuse),
    await figureOf(occupancyChart(occupancyRows(), { subtitle: OCCUPANCY_SUBTITLE, depth: 1024 }), refuse),
  ];
}

export async function sampleReview(): Promise<ReviewInput> {
  return {
    trace: {
      name: 'randread32-off-1',
      format: 'qemu-log',
      clock: 'realtime',
      spanNs: 1_834_201_443,
      records: { read: 58_211, events: 46_830, ignored: 11_369, unknown: 12, rejected: 0, lost: 0 },
      unknown: { pci_nvme_unlisted_event: 12 },
      rejects: {},
      inferred: [
        'Depth of the queues: from the Create I/O Submission Queue commands of this capture.',
        'Reaping of completions: from the CQ head doorbells; its moment lies between the interrupt and the doorbell.',
      ],
    },
    controllers: [
      {
        id: 0,
        shadow: false,
        queues: [queue(1, 3004, [3001, 301], 310), queue(2, 3006, [3003, 286], 310)],
        admin: { ...queue(0, 41, [41, 41], 41), depth: 32 },
      },
    ],
    whatIf: {
      shadow: 'on',
      policy: 'qemu',
      cqPolicy: 'qemu-cq',
      driver: 'linux-6.12',
      device: 'qemu-bottom-half',
      transport: 'trap',
      baseline: { name: 'recorded', mmio: { sq: 6004, cq: 587, total: 6591 } },
      predicted: {
        commands: 6010,
        mmio: {
          sq: { median: 420, low: 312, high: 558 },
          cq: { median: 410, low: 305, high: 545 },
          total: { median: 830, low: 620, high: 1100 },
        },
        saved: { fraction: 0.8741, low: 0.8331, high: 0.9059 },
        stalls: 0,
      },
      baselines: [
        { name: 'idle-submissions', meaning: 'two rings for each submission that finds the device idle', saved: 0.86 },
        { name: 'reap-passes', meaning: 'two rings for each recorded CQ doorbell', saved: 0.8219 },
      ],
      selfCheck: {
        passed: true,
        items: [
          { what: 'SQ tail MMIO writes', recorded: 6004, replayed: 6004, passed: true },
          { what: 'CQ head MMIO writes', recorded: 587, replayed: 587, passed: true },
          { what: 'commands', recorded: 6010, replayed: 6010, passed: true },
        ],
      },
      limits: ['Other load on the host: the capture shows this one only.', 'Polled queues: none was captured.'],
    },
    captured: {
      names: ['randread32-on-1', 'randread32-on-2', 'randread32-on-3', 'randread32-on-4', 'randread32-on-5'],
      mmio: {
        sq: { mean: 501, low: 261, high: 604 },
        cq: { mean: 455, low: 235, high: 533 },
        total: { mean: 956, low: 496, high: 1137 },
      },
      saved: { mean: 0.855, low: 0.8275, high: 0.9247 },
      savedError: 0.0191,
      covered: true,
    },
    exits: { all: { exits: 42_300, totalNs: 11_500_000_000 }, sq: { exits: 6004, totalNs: 1_801_200_000 }, cq: { exits: 587, totalNs: 156_142_000 }, unpaired: 2 },
    sources: [
      { name: 'guest.trace.gz', format: 'ftrace', alignment: 'offset +1.000000000 s by 3,200 matches with source 1 (between bounds), right within 222 us' },
      { name: 'qemu.log.gz', format: 'qemu-log', alignment: "its clock is the trace's" },
    ],
    policies: [
      { name: 'qemu + qemu-cq', configuration: 'shadow doorbells on', total: 830, saved: { fraction: 0.8741, low: 0.8331, high: 0.9059 }, p99Ns: 4_260_000, stalls: 0 },
      { name: 'arm-when-empty + qemu-cq', configuration: 'shadow doorbells on', total: 700, saved: { fraction: 0.894, low: 0.85, high: 0.91 }, p99Ns: null, stalls: 1 },
    ],
    verdicts: [
      { policy: 'qemu', side: 'sq', verdict: 'safe', states: 5889, reason: '', under: 'linux-batched, x86-TSO' },
      { policy: 'qemu-cq', side: 'cq', verdict: 'lost-wakeup', states: 12, reason: 'a wake-up is lost', under: 'linux-batched, x86-TSO' },
    ],
    audit: { errors: 0, warnings: 2, notes: 1 },
    figures: await sampleFigures(),
    method: {
      toolVersion: '0.1.0',
      inputs: [
        { name: 'randread32-off-1.qemu.log.gz', sha256: '8f'.repeat(32), bytes: 912_331 },
        { name: 'randread32-on-1.qemu.log.gz', sha256: '3c'.repeat(32), bytes: 623_002 },
      ],
      seed: 1,
      repeat: 8,
      parameters: [
        { name: 'service time', value: 'resampled, 6,010 samples', source: 'the capture' },
        { name: 'MMIO write', value: '6 us', source: 'default' },
      ],
      commands: [
        'bellwether ingest randread32-off-1.qemu.log.gz',
        'bellwether report review randread32-off-1 --policy qemu --seed 1 --repeat 8 -o review.html',
      ],
    },
  };
}

function queue(qid: number, commands: number, [sq, cq]: readonly [number, number], interrupts: number) {
  return { qid, depth: 1024, commands, mmio: { sq, cq }, shadow: { sq: 0, cq: 0 }, eventidx: { sq: 0, cq: 0 }, interrupts };
}
