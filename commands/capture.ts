import { Args } from '@oclif/core';
import type { Recipe } from '../src/app/capture/recipe.js';
import { BaseCommand } from '../src/cli/base-command.js';

export default class Capture extends BaseCommand {
  static override summary = 'Show how to make a capture: the commands, what it shows, and the pitfalls.';
  static override description = 'Without a kind, lists the kinds. Nothing is run.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> qemu-log', '<%= config.bin %> <%= command.id %> three-views'];
  static override args = { kind: Args.string({ description: 'The kind of capture.' }) };

  async run(): Promise<{ readonly recipes: readonly Recipe[] }> {
    const { args } = await this.parse(Capture);
    const { RECIPES, recipeOf } = await import('../src/app/capture/recipes.js');
    if (args.kind !== undefined) {
      const recipe = recipeOf(args.kind);
      this.printRecipe(recipe);
      return { recipes: [recipe] };
    }
    this.printTable(
      ['kind', 'where', 'can be replayed', 'what'],
      RECIPES.map(({ kind, title, where, replays }) => [kind, where, replays ? 'yes' : 'when joined', title]),
    );
    return { recipes: RECIPES };
  }

  private printRecipe({ title, where, commands, ingest, shows, lacks, pitfalls }: Recipe): void {
    this.print(`# ${title}; on the ${where}`);
    for (const line of commands) this.print(line);
    this.print('# then');
    for (const line of ingest) this.print(line);
    this.print('');
    this.print(`Shows: ${shows}`);
    this.print(`Lacks: ${lacks}`);
    this.print('');
    this.print('Pitfalls:');
    for (const pitfall of pitfalls) this.print(`- ${pitfall}`);
  }
}
