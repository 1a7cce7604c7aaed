// Version 4: a run may belong to no trace: it was made from a described workload.

export const VERSION_4 = `
DROP VIEW runs;

CREATE TABLE run_4 (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  trace_id   INTEGER REFERENCES trace (id),
  key        TEXT NOT NULL UNIQUE,
  version    TEXT NOT NULL,
  parameters TEXT NOT NULL CHECK (json_valid(parameters)),
  result     TEXT NOT NULL CHECK (json_valid(result))
) STRICT;

INSERT INTO run_4 SELECT id, name, trace_id, key, version, parameters, result FROM run;
DROP TABLE run;
ALTER TABLE run_4 RENAME TO run;
CREATE INDEX run_trace ON run (trace_id);

CREATE VIEW runs AS
SELECT r.id, r.name, t.name AS trace, r.key, r.version, r.parameters, r.result
FROM run AS r LEFT JOIN trace AS t ON t.id = r.trace_id;
`;
