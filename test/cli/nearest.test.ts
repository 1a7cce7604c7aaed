// Names that aren't there, on the real binary: what was meant is suggested.

import { expect, test } from 'vitest';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

test.each([
  [['repaly', 'x'], 'there is no command "repaly"', 'Did you mean "bellwether replay"?'],
  [['report', 'mmoi', 'x'], 'there is no command "report mmoi"', 'Did you mean "bellwether report mmio"?'],
  [['replay', 'x', '--polcy', 'y'], 'Nonexistent flag: --polcy', 'Did you mean --policy?'],
  [['export', 'x', '--what', 'comands', '-o', 'x'], 'Expected --what=comands', 'Did you mean --what commands?'],
  [['verify', 'look-ahead:timer=3'], 'there is no parameter timer', 'Did you mean timer-us=3?'],
])('%j', async (args, message, meant) => {
  const { code, stdout, stderr } = await bellwether(tempFolder(), ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr).toContain(meant);
});

test('with --json the suggestion is in the document; nothing is suggested where nothing is near', async () => {
  const folder = tempFolder();
  const { stdout } = await bellwether(folder, 'replay', 'x', '--polcy', 'y', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_USAGE', exit_code: 2, suggestions: ['Did you mean --policy?'] } });
  const { code, stderr } = await bellwether(folder, 'replay', 'x', '--zzzz', 'y');
  expect(code).toBe(2);
  expect(stderr).not.toContain('Did you mean');
});
