import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListDevices extends BaseCommand {
  static override summary = 'List the device models.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'devices'>> {
    await this.parse(ListDevices);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { devices } = catalogue();
    this.printTable(
      ['name', 'takes', 'policy', 'CQ policy', 'finds work', 'threads', 'transport', 'source'],
      devices.map((d) => [d.name, d.accepts ?? '-', d.policy ?? '-', d.cq_policy ?? '-', d.finds_work, d.threads, d.transport, d.source]),
    );
    return { devices };
  }
}
