// trace.dat, the binary capture file of trace-cmd (also written by KernelShark and libtracecmd), versions 6 and 7.
// [trace-cmd.dat(5), trace-cmd.dat.v6(5), trace-cmd.dat.v7(5)] Read natively: trace-cmd can't print the nvme events.
// Its tables may stand anywhere in the file, and the CPUs' data stand one behind the other: so the file is read at any
// place (content.ts), from where it lies or from a temporary copy. Memory: see decoder.ts.

import { latin1 } from '../../base/bytes.js';
import { SpoolingDecoder } from '../content.js';
import type { Detection, TraceFormat } from '../format.js';
import { TraceDatDecoder } from './decoder.js';
import { MAGIC, hasMagic } from './initial.js';

const MAX_VERSION_CHARS = 8;

function detectTraceDat(head: Uint8Array): Detection | undefined {
  if (!hasMagic(head)) return undefined;
  const version = /^\d+/.exec(latin1(head, MAGIC.length, MAGIC.length + MAX_VERSION_CHARS))?.[0] ?? 'unknown';
  return { confidence: 1, evidence: `it begins like a trace.dat, version ${version}` };
}

/** trace-cmd's trace.dat. */
export const traceDat: TraceFormat = {
  id: 'trace-dat',
  places: 'bytes',
  title: "trace-cmd's trace.dat, versions 6 and 7: nvme and kvm events, and QEMU's ftrace backend",
  detect: detectTraceDat,
  open: (target) => new SpoolingDecoder((content) => new TraceDatDecoder(target, content)),
  openContent: (target, content) => new TraceDatDecoder(target, content),
};
