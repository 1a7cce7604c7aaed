// The kinds of actions that a replay is calibrated from.

export const ACTION = { announce: 0, fetch: 1, complete: 2, interrupt: 3, reap: 4 } as const;
