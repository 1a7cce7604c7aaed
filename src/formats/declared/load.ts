// Reads the JSON file that declares a text format.

import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { usageError } from '../../base/errors.js';
import { formatBytes } from '../../base/units.js';
import type { TraceFormat } from '../format.js';
import { declaredFormat } from './declared.js';
import { declarationSchema } from './schema.js';

const MAX_FILE_BYTES = 1024 * 1024;
const HELP = 'docs/formats/declared.md describes the file, with an example.';

/** The format that a file declares. Throws a usage error that names each fault with its path and what is expected. */
export async function loadDeclaredFormat(path: string): Promise<TraceFormat> {
  return declaredFormat(parse(path, await read(path)));
}

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw usageError(`--format ${path}: ${formatBytes(size)} are more than ${formatBytes(MAX_FILE_BYTES)}`, [HELP]);
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('E_') || code === '') throw error;
    throw usageError(`--format ${path} can't be read: ${code === 'ENOENT' ? 'there is no such file' : code}`, [HELP]);
  }
}

function parse(path: string, text: string): z.infer<typeof declarationSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw usageError(`--format ${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`, [HELP]);
  }
  const result = declarationSchema.safeParse(json);
  if (result.success) return result.data;
  throw usageError(`--format ${path} declares no format:\n${z.prettifyError(result.error)}`, [HELP]);
}
