import { Args, Flags } from '@oclif/core';
import type { Catalogue, ListedPolicy } from '../../src/app/catalogue.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListPolicies extends BaseCommand {
  static override summary = 'List the event-index policies with their parameters, and the knobs of the driver.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> look-ahead', '<%= config.bin %> <%= command.id %> --long', '<%= config.bin %> <%= command.id %> --json'];
  static override args = { policy: Args.string({ description: 'Tell all of this policy, by its name or number.' }) };
  static override flags = { long: Flags.boolean({ summary: 'Tell all of each: also who uses it, its risk, and what its parameters mean.' }) };

  async run(): Promise<Pick<Catalogue, 'policies' | 'driver_knobs'>> {
    const { args, flags } = await this.parse(ListPolicies);
    const { catalogue, policiesNamed } = await import('../../src/app/catalogue.js');
    const all = catalogue();
    const print = (line: string): void => this.print(line);
    if (args.policy !== undefined) {
      const policies = policiesNamed('POLICY', all.policies, args.policy);
      for (const policy of policies) tell(policy, print);
      return { policies, driver_knobs: [] };
    }
    const { policies, driver_knobs: knobs } = all;
    if (flags.long) for (const policy of policies) tell(policy, print);
    else this.printTable(['name', 'id', 'side', 'parameters', 'formula'], policies.map((p) => [p.name, p.id, p.side, p.parameters.map(({ name, default: value }) => `${name}=${value}`).join(','), p.formula]));
    print('');
    print('t: last shadow tail that the device read; h: next entry to fetch; H: last shadow head that it read; c: next entry to post; e: EventIdx; s: shadow word; N: entries.');
    if (!flags.long) print('Who uses one, its risk, and what its parameters mean: bellwether list policies NAME, or --long.');
    print('');
    if (flags.long) this.printTable(['driver knob', 'id', 'from', 'to', 'meaning', 'used by', 'risk'], knobs.map(({ id, parameter: p, provenance, risk }) => [p.name, id, p.min, p.max, p.doc, provenance, risk]));
    else this.printTable(['driver knob', 'id', 'from', 'to', 'meaning'], knobs.map(({ id, parameter: p }) => [p.name, id, p.min, p.max, p.doc]));
    print('');
    print('A knob is given with a driver, as in linux-batched:batch=4.');
    return { policies, driver_knobs: knobs };
  }
}

function tell({ name, id, side, formula, provenance, risk, parameters }: ListedPolicy, print: (line: string) => void): void {
  print(`${name} (${id}), ${side === 'sq' ? 'submission' : 'completion'} queues`);
  print(`  formula  ${formula}`);
  print(`  used by  ${provenance}`);
  print(`  risk     ${risk}`);
  for (const { name: parameter, default: value, min, max, doc } of parameters) print(`  ${parameter}=${value}, ${min} .. ${max}: ${doc}`);
  print('');
}
