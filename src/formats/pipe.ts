// A named pipe as a stream that never makes a thread wait. Node reads files in threads that can't be called back: one that
// waits for a silent writer would keep the process from ending. So the pipe is opened without waiting, and the event loop
// is told when bytes have come, or when the last writer has gone; before the first writer nothing comes, and no end.

import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** Opens a file so that neither that nor reading waits for somebody else; where nothing has come, reading fails with EAGAIN. */
export const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;

/** Opens a named pipe. The stream closes it at its end, when it is destroyed, and when the signal is aborted. */
export function openPipe(path: string, signal?: AbortSignal): Readable {
  return new Socket({ fd: openSync(path, READ_WITHOUT_WAITING), readable: true, writable: false, ...(signal === undefined ? {} : { signal }) });
}

/** Whether a read failed because nothing has come yet. */
export function isQuiet(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
