// Version 6: findings say which source their place lies in: a trace may have several.

export const VERSION_6 = `
ALTER TABLE finding ADD COLUMN source INTEGER;

DROP VIEW findings;
CREATE VIEW findings AS
SELECT t.name AS trace, f.number, f.rule, f.severity, f.controller, f.queue, f.side, f.seq, f.time_ns, f.source, f.place, f.evidence
FROM trace AS t JOIN finding AS f ON f.trace_id = t.id;
`;
