import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListTransports extends BaseCommand {
  static override summary = 'List the transports of doorbell writes, with their costs.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'transports'>> {
    await this.parse(ListTransports);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { transports } = catalogue();
    this.printTable(
      ['name', 'vCPU ns', 'delivery ns', 'more to wake ns', 'wakes', 'source'],
      transports.map((t) => [t.name, t.vcpuNs, t.deliveryNs, t.wakeNs ?? 0, t.notifies === false ? 'nobody' : 'the device', t.source]),
    );
    return { transports };
  }
}
