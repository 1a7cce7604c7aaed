// What happened: the doorbell traffic of each queue in the recording.

import { html, type Html } from '../escape.js';
import type { ControllerFacts, QueueFacts, ReviewInput } from '../input.js';
import { htmlTable, type HtmlCell, type HtmlColumn } from './table.js';

const SIDED = ['MMIO', 'shadow', 'EventIdx'].flatMap((group) =>
  ['SQ', 'CQ'].map((title) => ({ group, title, isNumber: true })),
);

const COLUMNS: readonly HtmlColumn[] = [
  { title: 'queue' },
  { title: 'depth', isNumber: true },
  { title: 'commands', isNumber: true },
  ...SIDED,
  { title: 'interrupts', isNumber: true },
];

/** The section on the recording. */
export function queuesHtml(input: ReviewInput): Html {
  return html`<section aria-labelledby="happened">
<h2 id="happened">What happened</h2>
${input.controllers.map(controllerHtml)}<p class="soft">Under MMIO: writes of the doorbell register by the driver, SQ tail and CQ head.
Under shadow: shadow doorbell values that the device was seen to read. Under EventIdx: event indexes that the device was
seen to write. The last row leaves the admin queue out.</p>
</section>
`;
}

function controllerHtml(controller: ControllerFacts): Html {
  const caption = `Controller ${controller.id}, shadow doorbells ${controller.shadow ? 'in use' : 'not in use'}`;
  const admin = controller.admin === undefined ? [] : [rowOf('admin', controller.admin)];
  const rows = [...admin, ...controller.queues.map((queue) => rowOf(String(queue.qid), queue))];
  return htmlTable(caption, COLUMNS, rows, ['all I/O', '', ...sums(controller.queues)]);
}

function rowOf(name: string, queue: QueueFacts): HtmlCell[] {
  return [name, queue.depth ?? null, ...numbers(queue)];
}

function numbers(queue: QueueFacts): number[] {
  const { commands, mmio, shadow, eventidx, interrupts } = queue;
  return [commands, mmio.sq, mmio.cq, shadow.sq, shadow.cq, eventidx.sq, eventidx.cq, interrupts];
}

function sums(queues: readonly QueueFacts[]): number[] {
  return queues.map(numbers).reduce(
    (sum, row) => sum.map((n, i) => n + row[i]!),
    Array.from({ length: COLUMNS.length - 2 }, () => 0),
  );
}
