// Version 2: a trace can be put together from several sources, each with its own records and its place on the timeline.

import { SOURCE_SQL } from '../pack.js';
import { command, controller, eventsOfTraces, queue, seq, side } from './fragments.js';

export const VERSION_2 = `
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
