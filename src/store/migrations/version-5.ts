// Version 5: cells of sweeps, and what the verifier said of their policies. A cell is found again by the hash of all that determines it.

export const VERSION_5 = `
CREATE TABLE sweep_cell (
  id              INTEGER PRIMARY KEY,
  key             TEXT NOT NULL UNIQUE,
  trace_id        INTEGER NOT NULL REFERENCES trace (id),
  version         TEXT NOT NULL,
  driver          TEXT NOT NULL,
  device          TEXT NOT NULL,
  transport       TEXT NOT NULL,
  policy          TEXT NOT NULL,
  cq_policy       TEXT NOT NULL,
  policy_sha256   TEXT NOT NULL,
  seed            INTEGER NOT NULL,
  commands        INTEGER NOT NULL,
  sq_mmio         INTEGER NOT NULL,
  cq_mmio         INTEGER NOT NULL,
  p50_ns          INTEGER,
  p99_ns          INTEGER,
  duration_ns     INTEGER NOT NULL,
  poll_ns         INTEGER NOT NULL,
  busy_ns         INTEGER NOT NULL,
  doorbell_ns     INTEGER NOT NULL,
  runaway         INTEGER NOT NULL,
  stalls          TEXT NOT NULL CHECK (json_valid(stalls)),
  verdict         TEXT NOT NULL,
  unsafe_policy   TEXT
) STRICT;
CREATE INDEX sweep_cell_by_trace ON sweep_cell (trace_id, driver, device, transport, policy, cq_policy, seed);

CREATE TABLE policy_verdict (
  key     TEXT PRIMARY KEY,
  policy  TEXT NOT NULL,
  side    TEXT NOT NULL CHECK (side IN ('sq', 'cq')),
  driver  TEXT NOT NULL,
  memory  TEXT NOT NULL,
  verdict TEXT NOT NULL,
  states  INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW policy_verdicts AS
SELECT policy, side, driver, memory, verdict, states, reason, version FROM policy_verdict;

CREATE VIEW sweep_cells AS
SELECT t.name AS trace, c.driver, c.device, c.transport, c.policy, c.cq_policy, c.policy_sha256, c.seed, c.commands,
       c.sq_mmio, c.cq_mmio, 1.0 * (c.sq_mmio + c.cq_mmio) / nullif(c.commands, 0) AS mmio_per_io,
       c.p50_ns, c.p99_ns, c.commands * 1e9 / nullif(c.duration_ns, 0) AS iops, c.duration_ns, c.poll_ns,
       1.0 * c.poll_ns / nullif(c.duration_ns, 0) AS poll_cpu, c.busy_ns, c.doorbell_ns, c.runaway, c.stalls, c.verdict, c.unsafe_policy,
       c.key, c.version
FROM trace AS t JOIN sweep_cell AS c ON c.trace_id = t.id;

CREATE VIEW sweep_points AS
WITH point AS (
  SELECT trace, driver, device, transport, policy, cq_policy, policy_sha256, version, count(*) AS cells,
         avg(mmio_per_io) AS mmio_per_io, min(mmio_per_io) AS mmio_per_io_min, max(mmio_per_io) AS mmio_per_io_max,
         CAST(round(avg(p50_ns)) AS INTEGER) AS p50_ns, CAST(round(avg(p99_ns)) AS INTEGER) AS p99_ns, avg(iops) AS iops, 1.0 * sum(poll_ns) / nullif(sum(duration_ns), 0) AS poll_cpu,
         sum(stalls <> '[]') AS stalled, sum(runaway) AS runaways, max(verdict) AS verdict, max(unsafe_policy) AS unsafe_policy
  FROM sweep_cells GROUP BY trace, driver, device, transport, policy, cq_policy, policy_sha256, version
)
SELECT p.trace, p.driver, p.device, p.transport, p.policy, p.cq_policy, p.policy_sha256, p.cells, p.mmio_per_io, p.mmio_per_io_min, p.mmio_per_io_max,
       1 - p.mmio_per_io / nullif(o.mmio_per_io, 0) AS saved_fraction, p.p50_ns, p.p99_ns, p.p50_ns - o.p50_ns AS added_p50_ns,
       p.p99_ns - o.p99_ns AS added_p99_ns, p.iops, p.poll_cpu, p.stalled, p.runaways, p.verdict, p.unsafe_policy, p.version
FROM point AS p
LEFT JOIN point AS o ON o.policy = 'off' AND o.trace = p.trace AND o.driver = p.driver AND o.device = p.device
  AND o.transport = p.transport AND o.version = p.version;
`;
