// docs/capture.md, made of the recipes.

import { RECIPES } from './recipes.js';
import type { Recipe } from './recipe.js';

const INTRODUCTION = `# How to capture

\`bellwether capture KIND\` prints the commands that make a capture, what it shows, and the pitfalls. This page has them all.

\`\`\`sh
bellwether capture
bellwether capture qemu-log
bellwether capture kvm --json
\`\`\`

Which one? For a what-if, \`qemu-log\`: it is in every QEMU, and can be replayed alone. For what an exit costs on your host, \`three-views\`. On real hardware, \`ftrace\` or \`trace-cmd\`, and \`mmiotrace\` for the doorbells.
A word in capitals behind a \`$\` is yours to set: \`$QEMU_COMMAND\` is the whole command that starts your guest, \`$QEMU_PID\` the number of its process, \`$WORKLOAD\` what is to be measured, such as \`fio job.fio\`. The guest needs an NVMe disk, QEMU's \`-drive if=none,id=disk,file=disk.img -device nvme,drive=disk,serial=1\`. \`bellwether ingest\` is run in the folder of the capture.
`;

/** The whole document. */
export function captureDocument(): string {
  const rows = RECIPES.map(({ kind, title, where, formats, replays }) => `| [${kind}](#${kind}) | ${title} | ${where} | ${formats.join(', ')} | ${replays ? 'yes' : 'joined with one that can'} |`);
  return [INTRODUCTION, '| kind | what | where | read as | can be replayed |', '| --- | --- | --- | --- | --- |', ...rows, '', ...RECIPES.map(section)].join('\n');
}

function section({ kind, title, shows, lacks, commands, ingest, pitfalls }: Recipe): string {
  const code = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');
  return `## ${kind}

${title[0]!.toUpperCase()}${title.slice(1)}.

${code(commands)}

then

${code(ingest)}

- **Shows**: ${shows}
- **Lacks**: ${lacks}

${pitfalls.map((pitfall) => `- ${pitfall}`).join('\n')}
`;
}
