import { BaseCommand } from '../../src/cli/base-command.js';
import type { formats } from '../../src/app/formats.js';

export default class ListFormats extends BaseCommand {
  static override summary = 'List the capture formats that can be read.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<ReturnType<typeof formats>> {
    await this.parse(ListFormats);
    const app = await import('../../src/app/formats.js');
    const result = app.formats();
    this.printTable(
      ['format', 'reads'],
      result.formats.map(({ id, title }) => [id, title]),
    );
    return result;
  }
}
