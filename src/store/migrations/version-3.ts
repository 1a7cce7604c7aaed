// Version 3: what the analysis of a trace found. A trace that was ingested before has none.
// One trace's commands are one range of command.id, as its events are. A queue is told of by the number of its life.

import { KIND_SQL } from '../pack.js';
import { seq } from './fragments.js';

export const VERSION_3 = `
CREATE TABLE analysis (
  trace_id INTEGER PRIMARY KEY REFERENCES trace (id),
  version  INTEGER NOT NULL,
  overview TEXT NOT NULL CHECK (json_valid(overview))
) STRICT;

CREATE TABLE queue (
  trace_id       INTEGER NOT NULL REFERENCES trace (id),
  life           INTEGER NOT NULL,
  controller     INTEGER NOT NULL,
  epoch          INTEGER NOT NULL,
  qid            INTEGER NOT NULL,
  cqid           INTEGER NOT NULL,
  depth          INTEGER NOT NULL,
  depth_inferred INTEGER NOT NULL,
  vector         INTEGER,
  created_ns     INTEGER,
  closed_ns      INTEGER,
  whole          INTEGER NOT NULL,
  setups         INTEGER NOT NULL,
  fetched        INTEGER NOT NULL,
  completed      INTEGER NOT NULL,
  finished       INTEGER NOT NULL,
  unfinished     INTEGER NOT NULL,
  silent         INTEGER NOT NULL,
  interrupts     INTEGER NOT NULL,
  ${['sq', 'cq'].map((name) => `
  ${name}_mmio           INTEGER NOT NULL,
  ${name}_shadow         INTEGER NOT NULL,
  ${name}_updates        INTEGER NOT NULL,
  ${name}_eventidx       INTEGER NOT NULL,
  ${name}_moved          INTEGER NOT NULL,
  ${name}_longest_gap_ns INTEGER NOT NULL,
  ${name}_mean_gap_ns    INTEGER,`).join('')}
  PRIMARY KEY (trace_id, life)
) STRICT, WITHOUT ROWID;

CREATE TABLE command (
  id           INTEGER PRIMARY KEY,
  life         INTEGER NOT NULL,
  cid          INTEGER NOT NULL,
  opcode       INTEGER,
  status       INTEGER,
  position     INTEGER,
  setup_ns     INTEGER,
  announced_ns INTEGER,
  fetched_ns   INTEGER,
  completed_ns INTEGER,
  interrupt_ns INTEGER,
  reaped_ns    INTEGER,
  finished_ns  INTEGER,
  slba         INTEGER,
  blocks       INTEGER
) STRICT;

CREATE TABLE occupancy_bin (
  trace_id INTEGER NOT NULL REFERENCES trace (id),
  life     INTEGER NOT NULL,
  stage    INTEGER NOT NULL CHECK (stage BETWEEN 0 AND 2),
  start_ns INTEGER NOT NULL,
  end_ns   INTEGER NOT NULL,
  min      INTEGER NOT NULL,
  mean     REAL NOT NULL,
  max      INTEGER NOT NULL,
  bound    INTEGER NOT NULL CHECK (bound BETWEEN -1 AND 2),
  PRIMARY KEY (trace_id, life, stage, start_ns)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  trace_id   INTEGER NOT NULL REFERENCES trace (id),
  number     INTEGER NOT NULL,
  rule       TEXT NOT NULL,
  severity   TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
  controller INTEGER,
  queue      INTEGER,
  side       TEXT CHECK (side IN ('sq', 'cq')),
  seq        INTEGER,
  time_ns    INTEGER,
  place      INTEGER,
  evidence   TEXT NOT NULL,
  PRIMARY KEY (trace_id, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW findings AS
SELECT t.name AS trace, f.number, f.rule, f.severity, f.controller, f.queue, f.side, f.seq, f.time_ns, f.place, f.evidence
FROM trace AS t JOIN finding AS f ON f.trace_id = t.id;

CREATE VIEW queues AS
SELECT t.name AS trace, q.life, q.controller, q.epoch, q.qid AS queue, q.cqid AS completion_queue, q.depth, q.depth_inferred,
       q.vector, q.created_ns, q.closed_ns, q.whole, CASE WHEN q.setups + q.fetched > 0 THEN max(q.setups, q.fetched) ELSE q.sq_moved END AS commands, q.completed, q.unfinished, q.silent,
       q.interrupts, q.sq_mmio, q.sq_shadow, q.sq_updates, q.sq_eventidx, 1.0 * q.sq_moved / q.sq_mmio AS commands_per_ring,
       q.sq_mean_gap_ns, q.sq_longest_gap_ns, q.cq_mmio, q.cq_shadow, q.cq_updates, q.cq_eventidx,
       1.0 * q.cq_moved / q.cq_mmio AS completions_per_ring, q.cq_mean_gap_ns, q.cq_longest_gap_ns
FROM trace AS t JOIN queue AS q ON q.trace_id = t.id;

CREATE VIEW commands AS
SELECT t.name AS trace, c.id & 4294967295 AS number, q.controller, q.epoch, q.qid AS queue, c.life, c.cid, c.opcode, c.status,
       c.position, c.setup_ns, c.announced_ns, c.fetched_ns, c.completed_ns, c.interrupt_ns, c.reaped_ns, c.finished_ns,
       c.slba, c.blocks
FROM trace AS t
CROSS JOIN command AS c ON c.id BETWEEN t.id << 32 AND (t.id << 32) + 4294967295
CROSS JOIN queue AS q ON q.trace_id = t.id AND q.life = c.life;

CREATE VIEW occupancy AS
SELECT t.name AS trace, q.controller, q.epoch, q.qid AS queue, o.life,
       CASE o.stage WHEN 0 THEN 'sq' WHEN 1 THEN 'device' ELSE 'cq' END AS stage,
       o.start_ns, o.end_ns, o.min, o.mean, o.max, CASE o.bound WHEN 0 THEN 'exact' WHEN 1 THEN 'upper' WHEN 2 THEN 'doorbells' ELSE 'lower' END AS bound
FROM trace AS t JOIN occupancy_bin AS o ON o.trace_id = t.id JOIN queue AS q ON q.trace_id = t.id AND q.life = o.life;

CREATE VIEW exits AS
SELECT trace, seq, thread, time_ns AS exit_ns, entry_ns, entry_ns - time_ns AS duration_ns, reason, address
FROM (
  SELECT t.name AS trace, ${seq}, ${KIND_SQL} AS kind, e.thread, e.time_ns, e.value AS reason, e.extra AS address,
         lead(e.time_ns) OVER vcpu AS entry_ns, lead(${KIND_SQL}) OVER vcpu AS next_kind
  FROM trace AS t CROSS JOIN event AS e ON e.id BETWEEN t.id << 32 AND (t.id << 32) + 4294967295
  WHERE ${KIND_SQL} IN (18, 19)
  WINDOW vcpu AS (PARTITION BY t.id, e.thread ORDER BY e.id)
)
WHERE kind = 18 AND next_kind = 19;
`;
