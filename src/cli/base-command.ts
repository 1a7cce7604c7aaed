// What all commands share: --json, the common flags, errors and exit codes, output. Room `cli`: may import app, base
// and @oclif/core. It stands outside commands/ because oclif takes every file there for a command.
//
// Data goes to stdout, everything else to stderr. With --json stdout is one JSON document, also when the command fails.
// Exit codes: docs/exit-codes.md.

import { Command, Flags } from '@oclif/core';
import { BellwetherError, EXIT } from '../base/errors.js';
import { nearestName } from '../base/nearest.js';
import { printable, printableJson } from '../base/text.js';
import { withJsonKeys } from './json-keys.js';
import { ProgressLine } from './progress.js';
import { type Cell, printTable } from './table.js';
import { type Terminal, terminalOf } from './terminal.js';

/** Flags that several commands have; a command lists those that it acts on. */
export const dbFlag = Flags.string({
  summary: 'The store: one SQLite file.',
  default: 'bellwether.db',
  env: 'BELLWETHER_DB',
  helpValue: 'FILE',
});
export const quietFlag = Flags.boolean({ char: 'q', summary: 'Print no notes and no progress.' });

interface ErrorReport {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly suggestions?: readonly string[];
  readonly where?: object;
}

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /** Prints a line of data. Nothing with --json. */
  protected print(line: string): void {
    this.log('%s', line);
  }

  /** Prints a line about the data on stderr, with untrusted text made printable. Nothing with --json. */
  protected note(text: string): void {
    this.logToStderr('%s', printable(text));
  }

  /** What standard output can show; nothing is drawn with --json. */
  protected terminal(): Terminal {
    return terminalOf(this.jsonEnabled() ? {} : process.stdout, process.env);
  }

  /** Prints a table of data, so many columns to the right; where standard output is a terminal, no wider than that. */
  protected printTable(header: readonly string[], rows: Iterable<readonly Cell[]>, indent = 0): void {
    const margin = ' '.repeat(indent);
    printTable(header, rows, (line) => this.print(`${margin}${line}`), this.columns(indent));
  }

  /** Characters of a line of the terminal behind an indent, for tables; undefined where lines may be of any length: in a pipe or a file. */
  private columns(indent: number): number | undefined {
    const { draws, columns } = this.terminal();
    return draws ? columns - indent : undefined;
  }

  protected progress(quiet: boolean): ProgressLine {
    return new ProgressLine(!quiet && !this.jsonEnabled());
  }

  /** Aborted by the first of the signals; a second one ends the process at once. */
  protected interruption(signals: readonly NodeJS.Signals[] = ['SIGINT']): AbortSignal {
    const controller = new AbortController();
    const abort = (): void => {
      for (const signal of signals) process.removeListener(signal, abort);
      controller.abort();
    };
    for (const signal of signals) process.on(signal, abort);
    return controller.signal;
  }

  /** Without colours, which oclif would add; with keys in snake_case, and characters escaped that a terminal would act on. */
  override logJson(json: unknown): void {
    process.stdout.write(`${printableJson(JSON.stringify(withJsonKeys(json), null, 2))}\n`);
  }

  /** Prints the error in its form and leaves with its exit code. */
  protected override async catch(error: Error & { readonly oclif?: { readonly exit?: number } }): Promise<never> {
    const report = this.withNearest(reportOf(error));
    const isBug = report.exitCode === EXIT.bug;
    if (isBug) process.stderr.write(`${error.stack ?? String(error)}\n`);
    if (this.jsonEnabled()) {
      this.logJson({ error: report });
      return this.exit(report.exitCode);
    }
    // oclif prints its own errors best: they come with the usage of the command.
    if (!(error instanceof BellwetherError) && !isBug && report.suggestions === undefined) throw error;
    if (isBug) this.note('This is a bug in Bellwether.');
    else this.printError(report);
    return this.exit(report.exitCode);
  }

  /** Names the flag, or the value of one, that was meant by one that isn't there. */
  private withNearest(report: ErrorReport): ErrorReport {
    if (report.suggestions !== undefined) return report;
    // Behind its first line oclif tells of --help.
    const message = report.message.replace(/\nSee more help with --help$/, '');
    const flag = /^Nonexistent flag: --(\S+)$/.exec(message)?.[1];
    const { name, value, options } = /^Expected --(?<name>\S+?)=(?<value>.*) to be one of: (?<options>.*)$/s.exec(message)?.groups ?? {};
    const near = flag === undefined ? nearestName(value ?? '', options?.split(', ') ?? []) : nearestName(flag, Object.keys(this.ctor.flags));
    return near === undefined ? report : { ...report, message, suggestions: [`Did you mean ${flag === undefined ? `--${name} ${near}` : `--${near}`}?`] };
  }

  private printError(report: ErrorReport): void {
    this.note(`Error: ${report.message}`);
    for (const suggestion of report.suggestions ?? []) this.note(`  Try: ${suggestion}`);
  }
}

function reportOf(error: Error & { readonly oclif?: { readonly exit?: number } }): ErrorReport {
  if (error instanceof BellwetherError) {
    const { code, exitCode, message, suggestions, where } = error;
    return { code, exitCode, message, suggestions, where };
  }
  // An error of oclif: flags or arguments that it couldn't parse, or an exit that was asked for.
  if (error.oclif?.exit !== undefined) return { code: 'E_USAGE', exitCode: error.oclif.exit, message: error.message };
  return { code: 'E_BUG', exitCode: EXIT.bug, message: error.message };
}
