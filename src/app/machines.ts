// Drivers, devices and transports as they are named together: which of them go with one another, what mends a driver, and what
// happens beside the work.

import { usageError } from '../base/errors.js';
import { DEVICES } from '../model/device/catalogue.js';
import type { DeviceModel } from '../model/device/device.js';
import { DRIVERS } from '../model/driver/catalogue.js';
import type { DriverModel } from '../model/driver/driver.js';
import { GOOGLE_2014, MENDS, mended } from '../model/driver/google.js';
import type { Scenario } from '../model/scenario.js';
import type { Transport } from '../model/transport.js';

/** The driver with the weaknesses mended that are named, all of them by "all". Throws a usageError. */
export function mendedDriver(driver: DriverModel, names: readonly string[]): DriverModel {
  if (names.length === 0) return driver;
  const known = MENDS.map(({ name }) => name);
  if (driver.name !== GOOGLE_2014.name) throw usageError(`--mend: driver ${driver.name} has nothing to mend`, [`--mend goes with --driver ${GOOGLE_2014.name}.`]);
  const unknown = names.find((name) => name !== 'all' && !known.includes(name));
  if (unknown !== undefined) throw usageError(`--mend ${unknown}: there is no such name`, [`--mend takes: all, ${known.join(', ')}.`]);
  return mended(driver, MENDS.filter(({ name }) => names.includes('all') || names.includes(name)));
}

/** The device that goes with a driver where none is named: the first one that takes its command. */
export function deviceFor({ buffers }: DriverModel): DeviceModel {
  return DEVICES.find(({ accepts }) => accepts === buffers.command)!;
}

/** The driver that goes with a device where none is named: the first one whose command it takes. */
export function driverFor({ accepts }: DeviceModel): DriverModel {
  return DRIVERS.find(({ buffers }) => accepts === undefined || buffers.command === accepts)!;
}

/** Throws a usageError where parts can't work together. */
export function checkTogether(shadow: boolean, driver: DriverModel, device: DeviceModel, transport: Transport): void {
  if (shadow && device.accepts === undefined) {
    throw usageError(`--device ${device.name} has no shadow doorbells`, ['Replay with --shadow off, or on another device.']);
  }
  if (shadow && device.accepts !== driver.buffers.command) {
    const others = DEVICES.filter(({ accepts }) => accepts === driver.buffers.command).map(({ name }) => name);
    throw usageError(`--driver ${driver.name} hands its doorbell buffers over by ${driver.buffers.command}, which --device ${device.name} doesn't know`, [
      `Devices that do: ${others.join(', ')}. Or replay with --shadow off.`,
    ]);
  }
  if (transport.notifies === false && device.pollNs === undefined) {
    const others = DEVICES.filter(({ pollNs }) => pollNs !== undefined).map(({ name }) => name);
    throw usageError(`--transport ${transport.name} wakes nobody, and --device ${device.name} sleeps`, [`Devices that poll: ${others.join(', ')}.`]);
  }
  if (!shadow && transport.carriesValue === false) {
    throw usageError(`--transport ${transport.name} loses the doorbell's value, which the device then reads from the shadow doorbell`, [
      'Replay with --shadow on; without shadow doorbells such writes exit to userspace.',
    ]);
  }
}

interface ScenarioName {
  readonly name: string;
  /** What the number is; undefined: there is none. */
  readonly value?: string;
  readonly does: string;
  readonly scenario: (value: number) => Scenario;
}

/** What `--scenario` takes. */
export const SCENARIOS: readonly ScenarioName[] = [
  { name: 'refused', does: 'the device refuses the command that hands over the doorbell buffers', scenario: () => ({ refusesConfig: true }) },
  { name: 'late-config', value: 'microseconds', does: 'that command is sent so long after I/O began', scenario: (us) => ({ configAfterNs: us * 1_000 }) },
  { name: 'reset', value: 'commands', does: 'once so many are done, the controller is reset', scenario: (resetAfter) => ({ resetAfter }) },
  { name: 'online-cpus', value: 'CPUs', does: 'so many were online when the driver was loaded', scenario: (onlineCpus) => ({ onlineCpus }) },
  { name: 'big-endian', does: 'the driver runs on a big-endian host', scenario: () => ({ bigEndianHost: true }) },
  { name: 'store-buffer', value: 'nanoseconds', does: 'a store without a full barrier behind it is seen so much later', scenario: (storeBufferNs) => ({ storeBufferNs }) },
  { name: 'io-timeout', value: 'seconds', does: 'the driver\'s timeout: a stall ends in what it does then', scenario: (s) => ({ ioTimeoutNs: s * 1e9 }) },
];

const MOST = 1_000_000_000;

/** `reset=1000` and the like, put together. Throws a usageError. */
export function scenarioOf(texts: readonly string[]): Scenario {
  return Object.assign({}, ...texts.map(oneScenario)) as Scenario;
}

function oneScenario(text: string): Scenario {
  const [name = '', number, more] = text.split('=');
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw usageError(`--scenario ${text}: there is no such name`, [`--scenario takes: ${SCENARIOS.map(usage).join(', ')}.`]);
  const isNumber = number !== undefined && /^\d{1,10}$/.test(number) && Number(number) >= 1 && Number(number) <= MOST;
  if (more !== undefined || (found.value === undefined ? number !== undefined : !isNumber)) {
    const wants = found.value === undefined ? `${name} alone` : `${name}=N, a whole number of ${found.value} in 1..${MOST}`;
    throw usageError(`--scenario ${text}: it is ${wants}`);
  }
  return found.scenario(Number(number ?? 0));
}

function usage({ name, value }: ScenarioName): string {
  return value === undefined ? name : `${name}=N (${value})`;
}
