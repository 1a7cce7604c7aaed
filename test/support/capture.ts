// Captures made ready for replays without a store: decode, tell the history, calibrate, fit.

import { configurationOf } from '../../src/app/catalogue.js';
import { decodeSource } from '../../src/formats/decode.js';
import { openSource } from '../../src/formats/source.js';
import { History } from '../../src/history/history.js';
import type { HistoryEvidence } from '../../src/history/telling.js';
import { DoorbellCounter, type DoorbellReport } from '../../src/metrics/doorbells.js';
import { ActionLog } from '../../src/replay/action-log.js';
import { type Calibration, type CalibrationOptions, calibrate } from '../../src/replay/calibrate.js';
import { makeReady } from '../../src/replay/ready.js';
import { type Configuration, type Subject, writeTimes } from '../../src/replay/run.js';
import { type SteadyPart, findSteadyPart } from '../../src/replay/steady.js';
import { type WhatIfResult, whatIf } from '../../src/replay/what-if.js';
import { type EventBatch, EventWriter } from '../../src/trace/batch.js';
import { Tally } from '../../src/trace/tally.js';

/** The two configurations of the default device: as QEMU and Linux ship. */
export const OFF: Configuration = configurationOf({ shadow: false });
export const ON: Configuration = configurationOf({ shadow: true });

/** What was read off a capture. */
export interface Recording {
  readonly doorbells: DoorbellReport;
  readonly evidence: HistoryEvidence;
  readonly log: ActionLog;
  readonly part: SteadyPart;
  readonly calibration: Calibration;
}

/** Takes events in batches; `end` makes the recording. */
export class Recordist {
  private readonly doorbells = new DoorbellCounter();
  private readonly log: ActionLog;
  private readonly history: History;

  /** Of the whole capture, or of a part of it: see ActionLog. */
  constructor(...part: ConstructorParameters<typeof ActionLog>) {
    this.log = new ActionLog(...part);
    this.history = new History([this.log]);
  }

  push(batch: EventBatch): void {
    this.doorbells.push(batch);
    this.history.push(batch);
  }

  /** @param options of the calibration; by default as for a capture with shadow doorbells off */
  end(options: CalibrationOptions = writeTimes(OFF)): Recording {
    const { doorbells, history, log } = this;
    history.end();
    const part = findSteadyPart(log);
    return { doorbells: doorbells.result(), evidence: history.evidence, log, part, calibration: calibrate(log, part, options) };
  }
}

/** Reads a capture file. */
export async function readCapture(path: string): Promise<Recording> {
  const recordist = new Recordist();
  await decodeSource(await openSource(path), { writer: new EventWriter((batch) => recordist.push(batch)), tally: new Tally() });
  return recordist.end();
}

/** The recording with its host fitted, as it is replayed. */
export function subjectOf({ log, part, calibration }: Recording, recorded: Configuration = OFF): Subject {
  return makeReady(log, (coreLess) => (coreLess ? calibrate(log, part, { ...writeTimes(recorded), coreLess }) : calibration), recorded);
}

/** One what-if on a recording, by default of one with shadow doorbells off. */
export function predict(
  recording: Recording,
  configuration: Configuration,
  { subject = subjectOf(recording), recorded = OFF, seed = 1, repeat = 9 } = {},
): WhatIfResult {
  const { part, doorbells } = recording;
  return whatIf({ subject, part, recorded: doorbells.mmio, recordedConfiguration: recorded, configuration, seed, repeat });
}
