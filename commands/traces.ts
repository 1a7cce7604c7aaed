import { formatCount, formatNs } from '../src/base/units.js';
import type { TraceReport } from '../src/app/trace-report.js';
import { BaseCommand, dbFlag } from '../src/cli/base-command.js';

const HEADER = ['id', 'name', 'format', 'events', 'span', 'rejected', 'unknown', 'lost'];

export default class Traces extends BaseCommand {
  static override summary = 'List the traces of the store.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --db review.db --json'];
  static override flags = { db: dbFlag };

  async run(): Promise<{ readonly traces: readonly TraceReport[] }> {
    const { flags } = await this.parse(Traces);
    const { traces } = await import('../src/app/traces.js');
    const result = traces(flags.db);
    if (result.traces.length === 0) this.note(`${flags.db} holds no trace: "bellwether ingest FILE" reads one`);
    else this.printTable(HEADER, result.traces.map(cells));
    return result;
  }
}

function cells({ id, name, format, event_rows, span_ns, records }: TraceReport): readonly (string | number)[] {
  const span = span_ns === null ? 'no time stamps' : formatNs(span_ns);
  return [id, name, format, formatCount(event_rows), span, records.rejected, records.unknown, records.lost];
}
