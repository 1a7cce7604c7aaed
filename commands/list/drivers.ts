import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';
import { printTable } from '../../src/cli/table.js';

export default class ListDrivers extends BaseCommand {
  static override summary = 'List the driver models.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'drivers'>> {
    await this.parse(ListDrivers);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { drivers } = catalogue();
    printTable(['name', 'source'], drivers.map((p) => [p.name, p.source]), (line) => this.print(line));
    return { drivers };
  }
}
