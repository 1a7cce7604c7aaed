import { BaseCommand } from '../src/cli/base-command.js';
import type { schema } from '../src/app/schema.js';

export default class Schema extends BaseCommand {
  static override summary = 'Describe the views that "query" can use.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<ReturnType<typeof schema>> {
    await this.parse(Schema);
    const app = await import('../src/app/schema.js');
    const result = app.schema();
    this.print(`Schema version ${result.version}`);
    for (const view of result.views) {
      this.print('');
      this.print(`${view.name}: ${view.doc}`);
      this.printTable(
        ['  column', 'meaning'],
        view.columns.map(({ name, doc }) => [`  ${name}`, doc]),
      );
    }
    return result;
  }
}
