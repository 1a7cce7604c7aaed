// SQL that the views of several versions share. A released migration is never edited: what it uses here stays as it is.

import { CID_SQL, CONTROLLER_SQL, KIND_SQL, OPCODE_SQL, QUEUE_SQL, SIDE_SQL, STATUS_SQL } from '../pack.js';

// CROSS JOIN keeps the trace outside: "WHERE trace = ..." is then a search of one range of event.id, and rows come
// in the order of (trace, seq) without a sort.
export const eventsOfTraces = `
  FROM trace AS t
  CROSS JOIN event AS e ON e.id BETWEEN t.id << 32 AND (t.id << 32) + 4294967295
  CROSS JOIN kind AS k ON k.id = ${KIND_SQL}`;
export const side = `CASE ${SIDE_SQL} WHEN 0 THEN 'sq' WHEN 1 THEN 'cq' END AS side`;
export const controller = `${CONTROLLER_SQL} AS controller`;
export const queue = `${QUEUE_SQL} AS queue`;
export const command = `${CID_SQL} AS cid, ${OPCODE_SQL} AS opcode, ${STATUS_SQL} AS status`;
export const seq = `e.id & 4294967295 AS seq`;
