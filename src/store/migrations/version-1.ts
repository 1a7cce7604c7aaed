// Version 1: traces, their events and records, and runs.

import { KIND_SQL } from '../pack.js';
import { command, controller, eventsOfTraces, queue, seq, side } from './fragments.js';

/** The highest trace id: beyond it an event's id would no longer be exact as a number (2^53). */
export const MAX_TRACE_ID = 2 ** 21 - 1;

// One trace's events are one contiguous range of event.id, so that no second index is needed to read them in order.
// Rows of event, record_count and reject belong to a trace; deleteTrace() removes them together.
const tables = `
CREATE TABLE trace (
  id              INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND ${MAX_TRACE_ID}),
  name            TEXT NOT NULL UNIQUE,
  format          TEXT NOT NULL,
  dialect         TEXT NOT NULL,
  sha256          TEXT NOT NULL UNIQUE,
  source          TEXT NOT NULL,
  bytes           INTEGER NOT NULL,
  clock           TEXT NOT NULL,
  origin_ns       INTEGER NOT NULL,
  span_ns         INTEGER,
  tool_version    TEXT NOT NULL,
  records_read    INTEGER NOT NULL,
  records_events  INTEGER NOT NULL,
  records_ignored INTEGER NOT NULL,
  records_unknown INTEGER NOT NULL,
  records_rejected INTEGER NOT NULL,
  records_lost    INTEGER NOT NULL,
  event_rows      INTEGER NOT NULL
) STRICT;

CREATE TABLE kind (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

INSERT INTO kind (id, name) VALUES
  (1, 'doorbell.mmio'), (2, 'doorbell.shadow'), (3, 'eventidx'), (4, 'command.setup'), (5, 'command.fetch'),
  (6, 'command.range'), (7, 'command.complete'), (8, 'command.reap'), (9, 'interrupt'), (10, 'queue.create'),
  (11, 'queue.delete'), (12, 'dbbuf.config'), (13, 'controller.reset'), (14, 'controller.enable'),
  (15, 'controller.shutdown'), (16, 'register.read'), (17, 'register.write'), (18, 'vm.exit'), (19, 'vm.entry'),
  (20, 'lost'), (21, 'mark');

-- Small columns are packed, see pack.ts: half the cells to bind make an ingest nearly twice as fast.
CREATE TABLE event (
  id      INTEGER PRIMARY KEY,
  what    INTEGER NOT NULL,
  time_ns INTEGER,
  thread  INTEGER,
  command INTEGER,
  value   INTEGER,
  extra   INTEGER,
  place   INTEGER
) STRICT;

CREATE TABLE record_count (
  trace_id INTEGER NOT NULL REFERENCES trace (id),
  class    TEXT NOT NULL CHECK (class IN ('ignored', 'unknown', 'rejected')),
  name     TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (trace_id, class, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE reject (
  trace_id INTEGER NOT NULL REFERENCES trace (id),
  number   INTEGER NOT NULL,
  place    INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (trace_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  trace_id   INTEGER NOT NULL REFERENCES trace (id),
  key        TEXT NOT NULL UNIQUE,
  version    TEXT NOT NULL,
  parameters TEXT NOT NULL CHECK (json_valid(parameters)),
  result     TEXT NOT NULL CHECK (json_valid(result))
) STRICT;

CREATE INDEX run_trace ON run (trace_id);
`;

const views = `
CREATE VIEW events AS
SELECT t.name AS trace, ${seq}, k.name AS kind, e.time_ns, e.thread, ${controller}, ${queue}, ${side},
       ${command}, e.value, e.extra, e.place ${eventsOfTraces};

CREATE VIEW doorbells AS
SELECT t.name AS trace, ${seq}, k.name AS kind, e.time_ns, e.thread, ${controller}, ${queue}, ${side}, e.value ${eventsOfTraces}
WHERE ${KIND_SQL} IN (1, 2, 3);

CREATE VIEW traces AS
SELECT id, name, format, dialect, sha256, source, bytes, clock, origin_ns, span_ns, tool_version,
       records_read, records_events, records_ignored, records_unknown, records_rejected, records_lost, event_rows
FROM trace;

CREATE VIEW records AS
SELECT t.name AS trace, c.class, c.name, c.count FROM trace AS t JOIN record_count AS c ON c.trace_id = t.id;

CREATE VIEW rejects AS
SELECT t.name AS trace, r.number, r.place, r.reason, r.text FROM trace AS t JOIN reject AS r ON r.trace_id = t.id;

CREATE VIEW runs AS
SELECT r.id, r.name, t.name AS trace, r.key, r.version, r.parameters, r.result
FROM run AS r JOIN trace AS t ON t.id = r.trace_id;
`;

export const VERSION_1 = tables + views;
