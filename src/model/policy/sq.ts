// The submission queue's policies that the machines of the catalogue ship with.

import { instance } from './family.js';
import { armWhenEmptyFamily, followHeadFamily, followTailFamily } from './sq-exact.js';

/** QEMU hw/nvme since 7.1: echo the last tail seen after every command, then look again. */
export const followTail = instance(followTailFamily);
/** Propolis: echo the consumer's own position after every command. */
export const followHead = instance(followHeadFamily);
/** OpenVMM since August 2025, and virtio's enable_notify: publish only when about to sleep, then look again. */
export const armWhenEmpty = instance(armWhenEmptyFamily);
