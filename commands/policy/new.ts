import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class PolicyNew extends BaseCommand {
  static override summary = 'Write a commented file to begin an event-index policy of your own with.';
  static override examples = ['<%= config.bin %> <%= command.id %> mine.js'];
  static override args = { file: Args.string({ required: true, description: 'File to write, ending in .js or .mjs.' }) };
  static override flags = { force: Flags.boolean({ summary: 'Replace a file that is there.' }) };

  async run(): Promise<{ readonly file: string }> {
    const { args, flags } = await this.parse(PolicyNew);
    const { newPolicyFile } = await import('../../src/app/policy-template.js');
    const result = await newPolicyFile(args.file, flags.force);
    this.print(`${result.file}: policies patient (SQ) and roomy (CQ). Try: bellwether verify ${result.file}#patient`);
    return result;
  }
}
