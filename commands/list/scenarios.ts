import type { Catalogue } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListScenarios extends BaseCommand {
  static override summary = 'List what can happen in a replay beside the work.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Pick<Catalogue, 'scenarios'>> {
    await this.parse(ListScenarios);
    const { catalogue } = await import('../../src/app/catalogue.js');
    const { scenarios } = catalogue();
    this.printTable(
      ['--scenario', 'what happens'],
      scenarios.map((c) => [c.value === null ? c.name : `${c.name}=N (${c.value})`, c.does]),
    );
    return { scenarios };
  }
}
