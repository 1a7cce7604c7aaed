// Apart from what writes them: the thread that fills the rows has no need of SQLite.

/** Numbers in a row of occupancy: life, stage, start, end, min, mean, max, bound. */
export const OCCUPANCY_CELLS = 8;
