import { Args, Flags } from '@oclif/core';
import type { BundleResult } from '../src/app/bundle.js';
import { formatBytes, formatCount } from '../src/base/units.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { againstWindow, replayOptions, reportFlags } from '../src/cli/replay-flags.js';

export default class Bundle extends BaseCommand {
  static override summary = 'Pack a what-if with its review, charts, tables, policies and captures into one archive.';
  static override description = `A .tar.gz that stock tools open, with a manifest of hashes and the commands that make it again; the same store and flags give the same bytes.
Captures given with --input are put into it, of others it keeps the hashes. "bundle verify" repeats everything and compares.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> randread32-off-1 --input randread32-off-1.qemu.log.gz -o review.tar.gz',
    '<%= config.bin %> <%= command.id %> randread32-off-1 --against randread32-on-1 -o review.tar.gz',
  ];
  static override args = { trace: Args.string({ required: true, description: 'Name, number or SHA-256 of the trace.' }) };
  static override flags = {
    db: dbFlag,
    ...reportFlags,
    input: Flags.string({ multiple: true, multipleNonGreedy: true, default: [], summary: 'A capture file to put into the bundle. May be given several times.', helpValue: 'FILE' }),
    output: Flags.string({ char: 'o', required: true, summary: 'Archive to write, ending in .tar.gz.', helpValue: 'FILE' }),
    force: Flags.boolean({ summary: 'Replace a file that is there already.' }),
  };

  async run(): Promise<BundleResult> {
    const { args, flags } = await this.parse(Bundle);
    const { bundle } = await import('../src/app/bundle.js');
    const { runsInThreads } = await import('../src/app/work/runs.js');
    const { db, against, input: inputs, output, force } = flags;
    const result = await bundle({ ...replayOptions(flags), db, trace: args.trace, against, againstWindow: againstWindow(flags), inputs, output, force, toolVersion: this.config.version, makeRuns: runsInThreads });
    this.print(`${result.file}: ${formatCount(result.entries.length)} files, ${formatBytes(result.bytes)}, sha256 ${result.sha256}`);
    for (const name of result.inputs_by_hash) this.print(`  by hash alone: ${name}`);
    return result;
  }
}
