// The store's schema as numbered, forward-only migrations. Migration n (counted from 1) takes a file from
// version n - 1 to n; PRAGMA user_version holds the number reached. A released migration is never edited:
// a change is a further one. Tables are private; the views (documented in views.ts) are the public interface.
// Follows [SQLITE] https://www.sqlite.org/pragma.html#pragma_application_id and stricttables.html.

import { CID_SQL, CONTROLLER_SQL, KIND_SQL, OPCODE_SQL, QUEUE_SQL, SIDE_SQL, SOURCE_SQL, STATUS_SQL } from './pack.js';

/** PRAGMA application_id of our files: "BWDB" in ASCII. */
export const APPLICATION_ID = 0x42574442;

/** Sequence numbers per trace: an event's id is trace id * EVENTS_PER_TRACE + sequence. */
export const EVENTS_PER_TRACE = 2 ** 32;

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

// CROSS JOIN keeps the trace outside: "WHERE trace = ..." is then a search of one range of event.id, and rows come
// in the order of (trace, seq) without a sort.
const eventsOfTraces = `
  FROM trace AS t
  CROSS JOIN event AS e ON e.id BETWEEN t.id << 32 AND (t.id << 32) + 4294967295
  CROSS JOIN kind AS k ON k.id = ${KIND_SQL}`;
const side = `CASE ${SIDE_SQL} WHEN 0 THEN 'sq' WHEN 1 THEN 'cq' END AS side`;
const controller = `${CONTROLLER_SQL} AS controller`;
const queue = `${QUEUE_SQL} AS queue`;
const command = `${CID_SQL} AS cid, ${OPCODE_SQL} AS opcode, ${STATUS_SQL} AS status`;
const seq = `e.id & 4294967295 AS seq`;

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

// Version 2: a trace can be put together from several sources, each with its own records and its place on the timeline.
const severalSources = `
CREATE TABLE source (
  trace_id         INTEGER NOT NULL REFERENCES trace (id),
  number           INTEGER NOT NULL,
  source           TEXT NOT NULL,
  format           TEXT NOT NULL,
  dialect          TEXT NOT NULL,
  sha256           TEXT NOT NULL,
  bytes            INTEGER NOT NULL,
  clock            TEXT NOT NULL,
  origin_ns        INTEGER NOT NULL,
  records_read     INTEGER NOT NULL,
  records_events   INTEGER NOT NULL,
  records_ignored  INTEGER NOT NULL,
  records_unknown  INTEGER NOT NULL,
  records_rejected INTEGER NOT NULL,
  records_lost     INTEGER NOT NULL,
  method           TEXT,
  aligned_to       INTEGER,
  offset_ns        INTEGER,
  drift_ppb        INTEGER,
  matches          INTEGER,
  margin_ns        INTEGER,
  residual_ns      INTEGER,
  events_merged    INTEGER NOT NULL,
  PRIMARY KEY (trace_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO source
SELECT id, 0, source, format, dialect, sha256, bytes, clock, origin_ns, records_read, records_events, records_ignored,
       records_unknown, records_rejected, records_lost, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0
FROM trace;

DROP VIEW records;
DROP VIEW rejects;
ALTER TABLE record_count RENAME TO old_record_count;
ALTER TABLE reject RENAME TO old_reject;

CREATE TABLE record_count (
  trace_id INTEGER NOT NULL REFERENCES trace (id),
  source   INTEGER NOT NULL,
  class    TEXT NOT NULL CHECK (class IN ('ignored', 'unknown', 'rejected')),
  name     TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (trace_id, source, class, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE reject (
  trace_id INTEGER NOT NULL REFERENCES trace (id),
  source   INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  place    INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (trace_id, source, number)
) STRICT, WITHOUT ROWID;

INSERT INTO record_count SELECT trace_id, 0, class, name, count FROM old_record_count;
INSERT INTO reject SELECT trace_id, 0, number, place, reason, text FROM old_reject;
DROP TABLE old_record_count;
DROP TABLE old_reject;

CREATE VIEW records AS
SELECT t.name AS trace, c.source, c.class, c.name, c.count FROM trace AS t JOIN record_count AS c ON c.trace_id = t.id;

CREATE VIEW rejects AS
SELECT t.name AS trace, r.source, r.number, r.place, r.reason, r.text FROM trace AS t JOIN reject AS r ON r.trace_id = t.id;

CREATE VIEW sources AS
SELECT t.name AS trace, s.number, s.source, s.format, s.dialect, s.sha256, s.bytes, s.clock, s.origin_ns,
       s.records_read, s.records_events, s.records_ignored, s.records_unknown, s.records_rejected, s.records_lost,
       s.method, s.aligned_to, s.offset_ns, s.drift_ppb, s.matches, s.margin_ns, s.residual_ns, s.events_merged
FROM trace AS t JOIN source AS s ON s.trace_id = t.id;

DROP VIEW events;
CREATE VIEW events AS
SELECT t.name AS trace, ${seq}, k.name AS kind, e.time_ns, e.thread, ${controller}, ${queue}, ${side},
       ${command}, e.value, e.extra, e.place, ${SOURCE_SQL} AS source ${eventsOfTraces};
`;

/** Migration n stands at index n - 1. */
export const MIGRATIONS: readonly string[] = [tables + views, severalSources];

/** The version that this release reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
