import { text } from 'node:stream/consumers';
import { Args, Flags } from '@oclif/core';
import { formatCount } from '../src/base/units.js';
import type { QuerySink } from '../src/app/query.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';
import { csvLine } from '../src/base/csv.js';
import { TablePrinter } from '../src/cli/table.js';
import type { Cell } from '../src/cli/table.js';

interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** Whether --limit cut the result. */
  readonly truncated: boolean;
}

export default class Query extends BaseCommand {
  static override summary = 'Run read-only SQL on the store.';
  static override description = `The documented views, which "schema" shows, are the interface; tables may change with any version.
Integers beyond 2^53 are printed as text, blobs in hexadecimal. --json collects the rows in memory; --csv and the table don't.`;
  static override examples = [
    `<%= config.bin %> <%= command.id %> "SELECT kind, count(*) FROM events WHERE trace = 'before' GROUP BY kind"`,
    '<%= config.bin %> <%= command.id %> --csv - < query.sql',
  ];
  static override args = {
    sql: Args.string({ required: true, description: 'One SELECT statement, or "-" to read it from standard input.' }),
  };
  static override flags = {
    db: dbFlag,
    csv: Flags.boolean({ summary: 'Print CSV with a header (RFC 4180, lines end in LF).' }),
    limit: Flags.integer({ summary: 'Rows at most.', min: 0, helpValue: 'N' }),
  };

  async run(): Promise<QueryResult> {
    const { args, flags } = await this.parse(Query);
    const { query } = await import('../src/app/query.js');
    const sql = args.sql === '-' ? await text(process.stdin) : args.sql;
    const collected = new CollectingSink();
    const sink = this.jsonEnabled() ? collected : this.printingSink(flags.csv);
    const { rows, truncated } = await query({ db: flags.db, sql, limit: flags.limit }, sink);
    sink.end?.();
    if (truncated) this.note(`only the first ${formatCount(rows)} rows are shown: --limit`);
    return { columns: collected.names, rows: collected.rows, truncated };
  }

  private printingSink(csv: boolean): QuerySink & { end?(): void } {
    const print = (line: string): void => this.print(line);
    if (csv) {
      return {
        columns: (names) => print(csvLine(names)),
        row(values) {
          print(csvLine(values));
          return outputTakesMore();
        },
      };
    }
    let table: TablePrinter | undefined;
    return {
      columns(names) {
        table = new TablePrinter(names, print);
      },
      row(values) {
        table?.row(values);
        return outputTakesMore();
      },
      end: () => table?.end(),
    };
  }
}

/** Whether the output takes more: false once the reader has closed the pipe, and only later when a slow one must first read. */
function outputTakesMore(): boolean | Promise<boolean> {
  const { stdout } = process;
  if (stdout.errored !== null) return false;
  if (!stdout.writableNeedDrain) return true;
  return new Promise((resolve) => {
    stdout.once('drain', settle).once('close', settle);
    function settle(): void {
      stdout.off('drain', settle).off('close', settle);
      resolve(stdout.errored === null && !stdout.destroyed);
    }
  });
}

/** Keeps rows as objects. A column whose name occurs again is called name_2, name_3, ... */
class CollectingSink implements QuerySink {
  names: readonly string[] = [];
  readonly rows: Record<string, Cell>[] = [];

  columns(names: readonly string[]): void {
    const taken = new Set<string>();
    for (const name of names) {
      let unique = name;
      for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
      taken.add(unique);
    }
    this.names = [...taken];
  }

  row(values: readonly Cell[]): boolean {
    this.rows.push(Object.fromEntries(this.names.map((name, i) => [name, values[i] ?? null])));
    return true;
  }

  end(): void {}
}
