import { Flags } from '@oclif/core';
import type { DemoResult } from '../src/app/demo.js';
import { BaseCommand } from '../src/cli/base-command.js';
import { printReplay } from '../src/cli/print-replay.js';

export default class Demo extends BaseCommand {
  static override summary = 'Run the whole path on bundled real captures, and write a review of it.';
  static override description =
    'Ingests two captures of the same workload, with shadow doorbells off and on, replays the first with shadow doorbells on, ' +
    'and compares the prediction with the second. Works offline; two runs write the same bytes.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o /tmp/demo --json'];
  static override flags = {
    output: Flags.string({ char: 'o', summary: 'Folder to write to.', default: 'bellwether-demo', helpValue: 'FOLDER' }),
  };

  async run(): Promise<DemoResult> {
    const { flags } = await this.parse(Demo);
    const { demo } = await import('../src/app/demo.js');
    const result = await demo({ folder: flags.output, toolVersion: this.config.version });
    printReplay(result.replay, (line) => this.print(line), this.terminal());
    this.print('');
    for (const file of result.files) this.print(file);
    this.note(`Open ${result.review} in a browser.`);
    return result;
  }
}
