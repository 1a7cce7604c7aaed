// Memory given back at once. The collector of garbage frees large buffers when it runs next, and a thread that waits for others allocates
// nothing that would make it run.

import { MessageChannel } from 'node:worker_threads';

/** Frees buffers that nobody reads any more; views of them are empty from then on. */
export function giveUp(buffers: readonly ArrayBuffer[]): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  // What is sent to nobody is freed with the message.
  port1.postMessage(undefined, [...buffers]);
  port1.close();
}
