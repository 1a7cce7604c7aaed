// What a bundle says of itself: its tool, what was computed from what, each file with its hash, and how to do it again.

import { z } from 'zod';
import { inputError } from '../base/errors.js';

/** Changes when a reader of the older form could misunderstand the newer one. */
export const MANIFEST_VERSION = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
/** The name of a file without its folder. */
const fileName = z.string().min(1).max(255).regex(/^[^/\\\0]+$/).refine((name) => name !== '.' && name !== '..');

const source = z.strictObject({
  name: fileName.describe('name of the capture file'),
  sha256: sha256.describe('of the file as it was ingested, compressed or not'),
  bytes: count,
  format: z.string(),
  file: z.string().nullable().describe('path inside the bundle, null when only the hash is kept'),
});

const trace = z.strictObject({
  name: z.string().min(1).describe('name of the trace'),
  role: z.enum(['subject', 'against']).describe('what was replayed, or what the prediction was compared with'),
  sha256,
  sources: z.array(source).min(1).max(16).describe('several: joined on one timeline, in this order'),
});

/** Null: what the trace and the version give by themselves. */
const asked = z.string().nullable();
/** In ns since the start of a trace; null: its end. */
const part = z.strictObject({ from_ns: count, to_ns: count.nullable() });
const whatIf = z.strictObject({
  shadow: z.enum(['on', 'off']),
  driver: asked,
  device: asked,
  policy: asked,
  cq_policy: asked,
  transport: asked,
  mend: z.array(z.string()).max(100),
  scenario: z.array(z.string()).max(100),
  window: part.optional().describe('the part of the subject that was replayed; left out for all of it'),
  against_window: part.optional().describe('the part of the captures that was compared; left out for all of them'),
  seed: count,
  repeat: count.min(1).max(10_000),
});

const manifest = z.strictObject({
  bundle: z.literal('bellwether'),
  manifest_version: z.literal(MANIFEST_VERSION),
  tool_version: z.string().describe('version of Bellwether that made the bundle'),
  what_if: whatIf.describe('what was asked for: with the captures and the version it determines all results; run.json has it resolved'),
  traces: z.array(trace).min(1).max(1000),
  files: z.array(z.strictObject({ path: z.string(), sha256, bytes: count })).max(10_000).describe('every other file of the bundle'),
  reproduce: z.array(z.string()).describe('command lines, in their order'),
});

export type Manifest = z.infer<typeof manifest>;
export type ManifestTrace = Manifest['traces'][number];

/** The JSON Schema of a manifest, as it is put into each bundle. */
export function manifestSchema(): unknown {
  return z.toJSONSchema(manifest);
}

/** Reads a manifest. Throws an inputError that names what is wrong, and where. */
export function parseManifest(text: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw inputError(`manifest.json is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const result = manifest.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw inputError(`manifest.json: ${issue.path.join('.')}: ${issue.message}`, { suggestions: ['Bundles of other versions are read by the version that made them.'] });
}
