// The demo: the whole path, offline, twice the same bytes.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DemoResult } from '../../src/app/demo.js';
import { bellwether } from '../support/bellwether.js';
import { tempFolder } from '../support/temp.js';

it('writes a review with all charts, the same bytes each time', async () => {
  const folder = tempFolder();
  const first = await bellwether(folder, 'demo', '-o', 'first', '--json');
  const second = await bellwether(folder, 'demo', '-o', 'second', '--json');
  expect([first.code, first.stderr, second.code]).toEqual([0, '', 0]);

  const { review, files, replay } = JSON.parse(first.stdout) as DemoResult;
  const charts = ['mmio', 'saved', 'rates', 'rings', 'latency', 'occupancy', 'timeline', 'timeline-captured'];
  const pictures = charts.flatMap((chart) => [`${chart}.svg`, `${chart}.png`]);
  expect(files.map((file) => file.replace('first/', ''))).toEqual(['review.html', ...pictures]);
  const html = readFileSync(join(folder, review), 'utf8');
  expect(html.match(/<svg/g)).toHaveLength(charts.length);
  expect(html).toContain(`${(replay.predicted.saved.fraction * 100).toFixed(1)} %`);

  const names = readdirSync(join(folder, 'first'));
  expect(names.toSorted()).toEqual(['demo.db', 'review.html', ...pictures].toSorted());
  for (const name of names) {
    const same = readFileSync(join(folder, 'first', name)).equals(readFileSync(join(folder, 'second', name)));
    expect({ name, same }).toEqual({ name, same: true });
  }
});

it.each(['taken', 'taken/below', '/proc/bellwether'])('names the folder that it cannot make: %s', async (output) => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'taken'), '');
  const { code, stderr } = await bellwether(folder, 'demo', '-o', output);
  expect(code).toBe(4);
  expect(stderr).toContain(`${output} can't be written`);
});
