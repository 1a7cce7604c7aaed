import type { RuleReport } from '../../src/app/check.js';
import { BaseCommand } from '../../src/cli/base-command.js';

export default class ListRules extends BaseCommand {
  static override summary = 'List the rules that "check" applies.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<{ readonly rules: readonly RuleReport[] }> {
    await this.parse(ListRules);
    const { ruleTexts } = await import('../../src/app/check.js');
    const rules = ruleTexts();
    this.printTable(['rule', 'at worst', 'what is wrong', 'needs'], rules.map((r) => [r.id, r.severity, r.title, r.needs]));
    return { rules };
  }
}
