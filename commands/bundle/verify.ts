import { Args, Flags } from '@oclif/core';
import type { BundleVerifyResult } from '../../src/app/bundle-verify.js';
import { EXIT } from '../../src/base/errors.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class BundleVerify extends BaseCommand {
  static override summary = 'Check a bundle: are its files whole, and do its captures give the same results again?';
  static override description = `Everything is computed anew from the captures in a folder for temporary files, and compared byte by byte.
Captures that the bundle keeps only the hashes of can be given with --input; without them only the hashes of its files are checked.
Exit code 5 when a file is damaged, or differs from what this version makes.`;
  static override examples = ['<%= config.bin %> <%= command.id %> review.tar.gz', '<%= config.bin %> <%= command.id %> review.tar.gz --input randread32-off-1.qemu.log.gz'];
  static override args = { file: Args.string({ required: true, description: 'The archive.' }) };
  static override flags = {
    input: Flags.string({ multiple: true, multipleNonGreedy: true, default: [], summary: 'A capture that the bundle does not hold. May be given several times.', helpValue: 'FILE' }),
  };

  async run(): Promise<BundleVerifyResult> {
    const { args, flags } = await this.parse(BundleVerify);
    const { verifyBundle } = await import('../../src/app/bundle-verify.js');
    const result = await verifyBundle({ file: args.file, inputs: flags.input, toolVersion: this.config.version });
    this.printTable(['file', ''], result.files.map(({ path, verdict }) => [path, verdict]));
    const { bundle, here } = result.tool_version;
    if (bundle !== here) this.note(`the bundle was made by version ${bundle}, this is ${here}`);
    for (const { name, sha256 } of result.captures_missing) this.note(`capture not given: ${name}, sha256 ${sha256}`);
    this.print('');
    this.print(verdictText(result));
    if (!result.passed) process.exitCode = EXIT.check;
    return result;
  }
}

function verdictText({ passed, reproduced }: BundleVerifyResult): string {
  if (!passed) return 'FAILED: the bundle is damaged, or its results are not what this version makes of its captures';
  return reproduced === null ? 'whole; not made again, since captures lack' : 'whole, and made again the same';
}
