import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';
import { printTable } from '../../src/cli/table.js';

export default class ListPolicies extends BaseCommand {
  static override summary = 'List the event-index policies.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'policies'>> {
    await this.parse(ListPolicies);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { policies } = catalogue();
    printTable(['name', 'id', 'side', 'formula', 'used by', 'risk'], policies.map((p) => [p.name, p.id, p.side, p.formula, p.provenance, p.risk]), (line) => this.print(line));
    return { policies };
  }
}
