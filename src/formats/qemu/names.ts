// Finds the name of a device event in bytes: a hash table over the names of events.ts, built once, never changed.

import { ascii, matchesAt } from '../../base/bytes.js';
import { DEFINITIONS, DRIVER_EVENTS, FIRST_PCI_RELEASE, RELEASES, definitionsOf } from './events.js';
import { isMapped } from './mapped.js';
import type { MappedEvent } from './mapped.js';
import { formsOf } from './text.js';
import type { TextForm } from './text.js';

/** What every device event's name begins with since QEMU 5.1. */
export const PCI_PREFIX = ascii('pci_nvme_');

/** A name as it stands in a capture. */
export interface KnownEvent {
  /** Position in KNOWN_EVENTS. */
  readonly id: number;
  /** With prefix. */
  readonly fullName: string;
  /** The full name and the blank behind it. */
  readonly start: Uint8Array;
  /** Undefined when the event is counted only. */
  readonly mapped: MappedEvent | undefined;
  /** The forms of its text if it is mapped. */
  readonly forms: readonly TextForm[];
  /** "ub" events: the guest did something undefined. QEMU repeats them as guest-error lines. */
  readonly guestError: boolean;
  /** An event of QEMU's own NVMe driver, not of the device. */
  readonly driver: boolean;
  /** First and last release with this name and prefix, indexes in RELEASES. */
  readonly from: number;
  readonly to: number;
}

/** One object literal for all of them: the decoder reads them for every line, and is faster when they have one hidden class. */
function knownEvent(id: number, prefix: string, name: string, from: number, to: number, driver: boolean): KnownEvent {
  const mapped = !driver && isMapped(name) ? name : undefined;
  const forms = mapped === undefined ? [] : formsOf(mapped);
  return { id, fullName: prefix + name, start: ascii(`${prefix}${name} `), mapped, forms, guestError: name.startsWith('ub_'), driver, from, to };
}

function knownEvents(): KnownEvent[] {
  const events: KnownEvent[] = [];
  for (const name of new Set(DEFINITIONS.map((definition) => definition.name))) {
    const own = definitionsOf(name);
    const from = Math.min(...own.map((definition) => definition.from));
    const to = Math.max(...own.map((definition) => definition.to));
    const old = FIRST_PCI_RELEASE - 1;
    if (from <= old) events.push(knownEvent(events.length, 'nvme_', name, from, Math.min(to, old), false));
    if (to > old) events.push(knownEvent(events.length, 'pci_nvme_', name, Math.max(from, old + 1), to, false));
  }
  for (const fullName of DRIVER_EVENTS) events.push(knownEvent(events.length, '', fullName, 0, RELEASES.length - 1, true));
  return events;
}

/** Every name that is known, with its prefix. */
export const KNOWN_EVENTS: readonly KnownEvent[] = knownEvents();

const SLOTS = 2048;

/** Names differ in their last bytes and their length as a rule; the table test keeps the number of probes low. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = end - start;
  for (let at = Math.max(start, end - 12); at < end; at++) h = Math.imul(h ^ bytes[at]!, 0x01000193);
  return (h ^ (h >>> 15)) & (SLOTS - 1);
}

function hashTable(): Int16Array {
  const slots = new Int16Array(SLOTS).fill(-1);
  for (const { id, start } of KNOWN_EVENTS) {
    let slot = hash(start, 0, start.length);
    while (slots[slot] !== -1) slot = (slot + 1) & (SLOTS - 1);
    slots[slot] = id;
  }
  return slots;
}

const TABLE = hashTable();

/** The known event whose full name and a blank are exactly bytes [start, end), or undefined. */
export function findEvent(bytes: Uint8Array, start: number, end: number): KnownEvent | undefined {
  for (let slot = hash(bytes, start, end); ; slot = (slot + 1) & (SLOTS - 1)) {
    const event = KNOWN_EVENTS[TABLE[slot]!];
    if (event === undefined) return undefined;
    if (event.start.length === end - start && matchesAt(bytes, start, end, event.start)) return event;
  }
}
