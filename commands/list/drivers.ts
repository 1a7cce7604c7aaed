import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListDrivers extends BaseCommand {
  static override summary = 'List the driver models, and what can be mended.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'drivers' | 'mends'>> {
    await this.parse(ListDrivers);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { drivers, mends } = catalogue();
    this.printTable(
      ['name', 'sends', 'completions', 'source'],
      drivers.map((d) => [d.name, d.command, d.completions, d.source]),
    );
    this.print('');
    this.printTable(
      ['--mend', 'of', 'weakness', 'what it does'],
      mends.map((m) => [m.name, m.driver, m.weakness, m.mends]),
    );
    return { drivers, mends };
  }
}
