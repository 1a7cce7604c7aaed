// Version 7: cells of sweeps say which part of their trace was replayed. Points are made of cells of the same part.

export const VERSION_7 = `
ALTER TABLE sweep_cell ADD COLUMN from_ns INTEGER;
ALTER TABLE sweep_cell ADD COLUMN to_ns INTEGER;

DROP VIEW sweep_points;
DROP VIEW sweep_cells;

CREATE VIEW sweep_cells AS
SELECT t.name AS trace, c.from_ns, c.to_ns, c.driver, c.device, c.transport, c.policy, c.cq_policy, c.policy_sha256, c.seed, c.commands,
       c.sq_mmio, c.cq_mmio, 1.0 * (c.sq_mmio + c.cq_mmio) / nullif(c.commands, 0) AS mmio_per_io,
       c.p50_ns, c.p99_ns, c.commands * 1e9 / nullif(c.duration_ns, 0) AS iops, c.duration_ns, c.poll_ns,
       1.0 * c.poll_ns / nullif(c.duration_ns, 0) AS poll_cpu, c.busy_ns, c.doorbell_ns, c.runaway, c.stalls, c.verdict, c.unsafe_policy,
       c.key, c.version
FROM trace AS t JOIN sweep_cell AS c ON c.trace_id = t.id;

CREATE VIEW sweep_points AS
WITH point AS (
  SELECT trace, from_ns, to_ns, driver, device, transport, policy, cq_policy, policy_sha256, version, count(*) AS cells,
         avg(mmio_per_io) AS mmio_per_io, min(mmio_per_io) AS mmio_per_io_min, max(mmio_per_io) AS mmio_per_io_max,
         CAST(round(avg(p50_ns)) AS INTEGER) AS p50_ns, CAST(round(avg(p99_ns)) AS INTEGER) AS p99_ns, avg(iops) AS iops, 1.0 * sum(poll_ns) / nullif(sum(duration_ns), 0) AS poll_cpu,
         sum(stalls <> '[]') AS stalled, sum(runaway) AS runaways, max(verdict) AS verdict, max(unsafe_policy) AS unsafe_policy
  FROM sweep_cells GROUP BY trace, from_ns, to_ns, driver, device, transport, policy, cq_policy, policy_sha256, version
)
SELECT p.trace, p.from_ns, p.to_ns, p.driver, p.device, p.transport, p.policy, p.cq_policy, p.policy_sha256, p.cells, p.mmio_per_io, p.mmio_per_io_min, p.mmio_per_io_max,
       1 - p.mmio_per_io / nullif(o.mmio_per_io, 0) AS saved_fraction, p.p50_ns, p.p99_ns, p.p50_ns - o.p50_ns AS added_p50_ns,
       p.p99_ns - o.p99_ns AS added_p99_ns, p.iops, p.poll_cpu, p.stalled, p.runaways, p.verdict, p.unsafe_policy, p.version
FROM point AS p
LEFT JOIN point AS o ON o.policy = 'off' AND o.trace = p.trace AND o.from_ns IS p.from_ns AND o.to_ns IS p.to_ns AND o.driver = p.driver AND o.device = p.device
  AND o.transport = p.transport AND o.version = p.version;
`;
