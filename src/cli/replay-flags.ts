// Flags of the commands that replay.

import { Flags } from '@oclif/core';
import { type TimeWindow, windowOf } from '../app/time-window.js';

/** What may be changed in a what-if. */
export const configurationFlags = {
  shadow: Flags.option({ options: ['on', 'off'] as const, default: 'on' as const, summary: 'Replay with shadow doorbells on or off.' })(),
  driver: Flags.string({ summary: 'Driver model; see "list drivers".', helpValue: 'NAME' }),
  device: Flags.string({ summary: 'Device model; see "list devices".', helpValue: 'NAME' }),
  policy: Flags.string({ summary: 'Event-index policy of the submission queues; by default the device\'s own. See "list policies". A policy of your own: FILE.js#NAME.', helpValue: 'NAME[:PARAMETER=VALUE,...]' }),
  'cq-policy': Flags.string({ summary: 'Event-index policy of the completion queues.', helpValue: 'NAME' }),
  transport: Flags.string({ summary: 'How doorbell writes reach the device; see "list transports".', helpValue: 'NAME' }),
  mend: Flags.string({ multiple: true, multipleNonGreedy: true, delimiter: ',', default: [], summary: 'Weaknesses of driver google-2014 to mend, or "all"; see "list drivers".', helpValue: 'NAME,...' }),
  scenario: Flags.string({ multiple: true, multipleNonGreedy: true, default: [], summary: 'What happens beside the work; see "list scenarios". May be given several times.', helpValue: 'NAME[=N]' }),
};

/** How often, and from which seed on. */
export const seedFlags = {
  seed: Flags.integer({ summary: 'First seed; run i uses seed + i.', default: 1, min: 0, max: 2 ** 31 - 1 }),
  repeat: Flags.integer({ summary: 'Number of runs behind the median and the interval.', default: 20, min: 1, max: 10_000 }),
};

/** Which part of a trace. */
export const windowFlags = {
  from: Flags.string({ summary: "Begin of the part of the trace that is used, since the trace's start: 1.5, 1.5s, 300ms, 20us. By default its start.", helpValue: 'TIME' }),
  to: Flags.string({ summary: 'End of that part. By default the end of the trace.', helpValue: 'TIME' }),
};

export const replayFlags = { ...configurationFlags, ...seedFlags, ...windowFlags };

interface ParsedReplayFlags {
  readonly shadow: 'on' | 'off';
  readonly driver?: string | undefined;
  readonly device?: string | undefined;
  readonly policy?: string | undefined;
  readonly 'cq-policy'?: string | undefined;
  readonly transport?: string | undefined;
  readonly mend: readonly string[];
  readonly scenario: readonly string[];
  readonly seed: number;
  readonly repeat: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The flags as the use cases take them. Throws a usageError for a window that is none. */
export function replayOptions(flags: ParsedReplayFlags): {
  shadow: boolean;
  driver: string | undefined;
  device: string | undefined;
  policy: string | undefined;
  cqPolicy: string | undefined;
  transport: string | undefined;
  mend: readonly string[];
  scenario: readonly string[];
  seed: number;
  repeat: number;
  window: TimeWindow | undefined;
} {
  const { shadow, driver, device, policy, transport, mend, scenario, seed, repeat, from, to } = flags;
  return { shadow: shadow === 'on', driver, device, policy, cqPolicy: flags['cq-policy'], transport, mend, scenario, seed, repeat, window: windowOf(from, to) };
}

/** Where a picture goes, and how large it is. */
export const pictureFlags = {
  output: Flags.string({ char: 'o', multiple: true, multipleNonGreedy: true, required: true, summary: 'File to write; its ending says what it becomes.', helpValue: 'FILE' }),
  width: Flags.integer({ summary: 'Width of the image in CSS pixels; above 900 everything is enlarged [default: 800].', helpValue: 'N' }),
  height: Flags.integer({ summary: 'Height of the image in CSS pixels [default: by what is drawn].', helpValue: 'N' }),
  theme: Flags.option({ options: ['light', 'dark'] as const, default: 'light' as const, summary: 'Colours of the image.' })(),
};

interface ParsedPictureFlags {
  readonly output: readonly string[];
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly theme: 'light' | 'dark';
}

/** The flags as the use cases take them. */
export function pictureOptions({ output, width, height, theme }: ParsedPictureFlags): {
  outputs: readonly string[];
  widthPx: number | undefined;
  heightPx: number | undefined;
  theme: 'light' | 'dark';
} {
  return { outputs: output, widthPx: width, heightPx: height, theme };
}

/** Which part of the captures that a prediction is compared with. */
export const againstWindowFlags = {
  'against-from': Flags.string({ summary: 'Begin of the part of the --against captures that is compared, since the start of each. By default all of them.', helpValue: 'TIME', dependsOn: ['against'] }),
  'against-to': Flags.string({ summary: 'End of that part.', helpValue: 'TIME', dependsOn: ['against'] }),
};

/** As the use cases take it. Throws a usageError for a window that is none. */
export function againstWindow(flags: { readonly 'against-from'?: string | undefined; readonly 'against-to'?: string | undefined }): TimeWindow | undefined {
  return windowOf(flags['against-from'], flags['against-to'], '--against-');
}

/** Flags of the commands that write files about a replay. */
export const reportFlags = {
  ...replayFlags,
  ...againstWindowFlags,
  against: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    default: [],
    summary: 'A trace captured under the predicted configuration, to compare with. May be given several times.',
    helpValue: 'TRACE',
  }),
};
