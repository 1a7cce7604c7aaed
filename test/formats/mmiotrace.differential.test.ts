// mmiotrace in the guest against QEMU's log of the same run: what the driver did, seen from both ends.

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mmiotrace } from '../../src/formats/mmiotrace.js';
import { qemuLog } from '../../src/formats/qemu/log.js';
import { KIND, kindName } from '../../src/trace/event.js';
import type { PlainEvent } from '../support/events.js';
import { SHARED_TRACES, countKinds, decodeWith } from './support.js';

const ACCESSES: readonly number[] = [KIND['doorbell.mmio'], KIND['register.read'], KIND['register.write']];

function accesses(events: readonly PlainEvent[]): readonly string[] {
  return events
    .filter(({ kind }) => ACCESSES.includes(kind))
    .map(({ kind, queue, side, value, extra }) => [kindName(kind), queue, side, value, extra].join(' '));
}

function adminSq(text: string): boolean {
  return text.startsWith('doorbell.mmio 0 0 ');
}

/** Admin commands of the firmware, and of the guest's shutdown. */
const FIRMWARE_COMMANDS = 259;
const SHUTDOWN_COMMANDS = 4;

describe.each(['off', 'on'])('shadow doorbells %s', (run) => {
  const path = `${SHARED_TRACES}mmiotrace/randread32-${run}`;
  test.skipIf(!existsSync(`${path}.qemu.log.gz`))('every access, value and order is the same', () => {
    const guest = decodeWith(mmiotrace, gunzipSync(readFileSync(`${path}.mmiotrace.gz`)));
    const device = decodeWith(qemuLog, gunzipSync(readFileSync(`${path}.qemu.log.gz`)));
    const seen = accesses(guest.events);
    const all = accesses(device.events);

    // Difference 1: the firmware used the controller before Linux, and tracing began with Linux' driver.
    // Linux' first access is the read of CSTS before its reset of the controller; the firmware resets nothing that runs.
    // Those six are: CSTS, CAP in two halves, CMBSZ, VS, and the write of CC.
    const reset = device.events.findIndex(({ kind }) => kind === KIND['controller.reset']);
    const before = accesses(device.events.slice(0, reset + 1)).length - 6;
    expect(all.slice(before, before + seen.length)).toEqual(seen);

    const firmware = countKinds(device.events.slice(0, device.events.findIndex(({ place }) => place >= placeOf(device.events, before))));
    expect(firmware['controller.enable']).toBe(1);
    expect(all.slice(0, before).filter(adminSq)).toHaveLength(FIRMWARE_COMMANDS);

    // Difference 2: tracing was switched off before the guest shut the controller down: two queue pairs are deleted, then CC.SHN.
    const after = all.slice(before + seen.length);
    expect(after.filter(adminSq)).toHaveLength(SHUTDOWN_COMMANDS);
    expect(after).toHaveLength(1 + 2 * SHUTDOWN_COMMANDS + 2);
    expect(after.at(-2)).toMatch(/^register\.write -1 -1 4604001 20$/);

    // Difference 3: the device says that it has started when CC is written, the driver knows it when it reads CSTS.
    expect(countKinds(guest.events)).toMatchObject({ 'controller.enable': 1, 'controller.reset': 1 });
    // Difference 4: commands and the shadow doorbells that one of them sets up are memory; no line of mmiotrace shows them.
    expect(countKinds(device.events)['dbbuf.config'] ?? 0).toBe(run === 'on' ? 1 : 0);
    expect(countKinds(guest.events)['dbbuf.config']).toBeUndefined();
  });
});

/** Line of the n-th access. */
function placeOf(events: readonly PlainEvent[], n: number): number {
  return events.filter(({ kind }) => ACCESSES.includes(kind))[n]?.place ?? NaN;
}
