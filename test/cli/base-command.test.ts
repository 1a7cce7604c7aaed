import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Errors } from '@oclif/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BellwetherError, EXIT, inputError, storeError, usageError } from '../../src/base/errors.js';
import { BaseCommand } from '../../src/cli/base-command.js';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..');
let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function failing(error: Error): typeof BaseCommand & { run: (argv: string[], root: string) => Promise<unknown> } {
  return class Failing extends BaseCommand {
    async run(): Promise<never> {
      await this.parse(Failing);
      throw error;
    }
  };
}

/** The exit code that oclif ends the process with. */
async function exitCodeOf(error: Error, ...argv: string[]): Promise<unknown> {
  try {
    await failing(error).run(argv, root);
  } catch (thrown) {
    if (thrown instanceof Errors.ExitError) return thrown.oclif.exit;
    throw thrown;
  }
  throw new Error('the command did not fail');
}

test.each([
  [EXIT.usage, usageError('m')],
  [EXIT.input, inputError('m')],
  [EXIT.store, storeError('m')],
  [EXIT.check, new BellwetherError('E_CHECK', EXIT.check, 'm')],
  [EXIT.interrupted, new BellwetherError('E_INTERRUPTED', EXIT.interrupted, 'm')],
  [EXIT.bug, new Error('m')],
])('exit code %i holds as text and as JSON', async (code, error) => {
  expect(await exitCodeOf(error)).toBe(code);
  expect(stdout).toBe('');
  expect(await exitCodeOf(error, '--json')).toBe(code);
  expect(JSON.parse(stdout)).toMatchObject({ error: { exit_code: code, message: 'm' } });
});

test('an error says what, and the ways out, in printable form', async () => {
  const where = { file: 'a\u001b.log', line: 7 };
  const error = inputError('a\u001b.log: no\nevent', { suggestions: ['First.', 'Second.'], where });
  await exitCodeOf(error);
  expect(stderr).toBe('Error: a\\x1b.log: no\\x0aevent\n  Try: First.\n  Try: Second.\n');
  await exitCodeOf(error, '--json');
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'E_INPUT', exit_code: 3, message: 'a\u001b.log: no\nevent', suggestions: ['First.', 'Second.'], where },
  });
});

test('a bug shows its stack', async () => {
  await exitCodeOf(new Error('oh'));
  expect(stderr).toMatch(/^Error: oh\n {4}at .*base-command\.test\.ts/);
  expect(stderr).toMatch(/\nThis is a bug in Bellwether\.\n$/);
});
