import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';
import { printTable } from '../../src/cli/table.js';

export default class ListPolicies extends BaseCommand {
  static override summary = 'List the event-index policies with their parameters, and the knobs of the driver.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<Pick<Catalogue, 'policies' | 'driver_knobs'>> {
    await this.parse(ListPolicies);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { policies, driver_knobs: knobs } = catalogue();
    const print = (line: string): void => this.print(line);
    printTable(['name', 'id', 'side', 'formula', 'used by', 'risk'], policies.map((p) => [p.name, p.id, p.side, p.formula, p.provenance, p.risk]), print, this.columns());
    print('');
    printTable(
      ['parameter of', 'id', 'name', 'default', 'from', 'to', 'meaning'],
      policies.flatMap(({ name, id, parameters }) => parameters.map((p) => [name, id, p.name, p.default, p.min, p.max, p.doc])),
      print,
      this.columns(),
    );
    print('');
    printTable(['driver knob', 'id', 'from', 'to', 'meaning', 'used by', 'risk'], knobs.map(({ id, parameter: p, provenance, risk }) => [p.name, id, p.min, p.max, p.doc, provenance, risk]), print, this.columns());
    return { policies, driver_knobs: knobs };
  }
}
