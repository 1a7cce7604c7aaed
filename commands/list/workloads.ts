import type { BundledWorkload } from '../../src/app/workload-file.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListWorkloads extends BaseCommand {
  static override summary = 'List the described workloads that come with Bellwether.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<{ readonly workloads: readonly BundledWorkload[] }> {
    await this.parse(ListWorkloads);
    const { bundledWorkloads } = await import('../../src/app/workload-file.js');
    const workloads = await bundledWorkloads();
    this.printTable(['name', 'about'], workloads.map(({ name, about }) => [name, about]));
    return { workloads };
  }
}
