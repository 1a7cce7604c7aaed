// Bundles from end to end: made, opened, verified, and found out when something in them was changed.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BundleResult } from '../../src/app/bundle.js';
import type { BundleVerifyResult } from '../../src/app/bundle-verify.js';
import { parseManifest } from '../../src/bundle/manifest.js';
import { packArchive, unpackArchive } from '../../src/bundle/tar.js';
import { bellwether } from '../support/bellwether.js';
import { OFF_FILE, ON_FILE, sharedPair } from '../support/pair.js';

const FLAGS = ['randread32-off-1', '--against', 'randread32-on-1', '--repeat', '3'];
const folder = sharedPair(async (own) => {
  const made = await bellwether(own, 'bundle', ...FLAGS, '--input', OFF_FILE, '--input', ON_FILE, '-o', 'full.tar.gz', '--json');
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect((JSON.parse(made.stdout) as BundleResult).inputs_by_hash).toEqual([]);
});

async function verified(...args: readonly string[]): Promise<BundleVerifyResult & { readonly code: number | null }> {
  const { code, stdout } = await bellwether(folder, 'bundle', 'verify', ...args, '--json');
  return { ...(JSON.parse(stdout) as BundleVerifyResult), code };
}

function entriesOf(name: string): Map<string, Uint8Array> {
  return new Map(unpackArchive(readFileSync(join(folder, name))));
}

/** Writes the archive with other entries. */
function rewrite(name: string, entries: ReadonlyMap<string, Uint8Array>): void {
  writeFileSync(join(folder, name), packArchive([...entries].map(([path, bytes]) => ({ path, bytes }))));
}

describe('bellwether bundle', () => {
  it('holds manifest, review, charts, tables, run, policies and captures', () => {
    const entries = entriesOf('full.tar.gz');
    for (const path of ['manifest.json', 'manifest.schema.json', 'review.html', 'run.json', 'policies.json', 'charts/mmio.svg', 'tables/mmio.csv', `inputs/0-0-${OFF_FILE}`, `inputs/1-0-${ON_FILE}`]) expect(entries.has(path), path).toBe(true);
    const manifest = parseManifest(Buffer.from(entries.get('manifest.json')!).toString());
    expect(manifest.reproduce.at(-1)).toContain('bellwether report review randread32-off-1');
    expect(manifest.files.map(({ path }) => path)).toEqual([...entries.keys()].filter((path) => path !== 'manifest.json'));
  });

  it('has the same bytes each time, also from a stored run', async () => {
    await bellwether(folder, 'replay', 'randread32-off-1', '--repeat', '3');
    await bellwether(folder, 'replay', 'randread32-off-1', '--repeat', '2', '--policy', 'arm-when-empty');
    await bellwether(folder, 'bundle', ...FLAGS, '--input', OFF_FILE, '--input', ON_FILE, '-o', 'again.tar.gz');
    expect(readFileSync(join(folder, 'again.tar.gz')).equals(readFileSync(join(folder, 'full.tar.gz')))).toBe(true);
  });

  it('is verified by making it again', async () => {
    const result = await verified('full.tar.gz');
    expect(result).toMatchObject({ code: 0, reproduced: true, passed: true, captures_missing: [] });
    expect(new Set(result.files.map(({ verdict }) => verdict))).toEqual(new Set(['same']));
  });

  it('without its captures is checked by hashes, and made again when they are given', async () => {
    await bellwether(folder, 'bundle', ...FLAGS, '-o', 'hashes.tar.gz');
    expect(await verified('hashes.tar.gz')).toMatchObject({ code: 0, reproduced: null, captures_missing: [{ name: OFF_FILE }, { name: ON_FILE }] });
    expect(await verified('hashes.tar.gz', '--input', OFF_FILE, '--input', ON_FILE)).toMatchObject({ code: 0, reproduced: true });
  });

  it('is found out when a file was changed, added or taken away', async () => {
    const changed = entriesOf('full.tar.gz');
    changed.set('run.json', Buffer.from('{}'));
    changed.set('extra', Buffer.from('x'));
    changed.delete('policies.json');
    rewrite('changed.tar.gz', changed);
    const result = await verified('changed.tar.gz');
    expect(result).toMatchObject({ code: 5, passed: false });
    expect(result.files.filter(({ verdict }) => verdict === 'damaged').map(({ path }) => path).toSorted()).toEqual(['extra', 'policies.json', 'run.json']);
  });

  it('is found out when results do not follow from the captures, whatever the hashes say', async () => {
    const forged = entriesOf('full.tar.gz');
    const manifest = parseManifest(Buffer.from(forged.get('manifest.json')!).toString());
    forged.set('manifest.json', Buffer.from(JSON.stringify({ ...manifest, what_if: { ...manifest.what_if, seed: 2 } })));
    rewrite('forged.tar.gz', forged);
    const result = await verified('forged.tar.gz');
    expect(result).toMatchObject({ code: 5, reproduced: false, passed: false });
    expect(result.files.find(({ path }) => path === 'run.json')?.verdict).toBe('different');
  });

  it('is found out when it names other commands, and runs no code that it names', async () => {
    const entries = entriesOf('full.tar.gz');
    const manifest = parseManifest(Buffer.from(entries.get('manifest.json')!).toString());
    const withManifest = (name: string, changes: object): void => {
      rewrite(name, new Map(entries).set('manifest.json', Buffer.from(JSON.stringify({ ...manifest, ...changes }))));
    };
    withManifest('commands.tar.gz', { reproduce: ['rm -r .'] });
    const result = await verified('commands.tar.gz');
    expect([result.code, result.files.filter(({ verdict }) => verdict !== 'same')]).toEqual([5, [{ path: 'manifest.json', verdict: 'different' }]]);
    withManifest('code.tar.gz', { what_if: { ...manifest.what_if, policy: './code.js#any' } });
    const refused = await bellwether(folder, 'bundle', 'verify', 'code.tar.gz');
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('its code is not run')]);
  });

  it('has the text of a policy with parameters', async () => {
    await bellwether(folder, 'bundle', 'randread32-off-1', '--repeat', '2', '--policy', 'look-ahead:k=4', '-o', 'ahead.tar.gz');
    const policies = JSON.parse(Buffer.from(entriesOf('ahead.tar.gz').get('policies.json')!).toString()) as readonly { readonly name: string }[];
    expect(policies.map(({ name }) => name)).toEqual(['look-ahead', 'follow-head']);
  });

  it('refuses what is no bundle, an input of no trace, and a file that is there', async () => {
    rewrite('other.tar.gz', new Map([['a', Buffer.from('b')]]));
    expect((await bellwether(folder, 'bundle', 'verify', 'other.tar.gz')).code).toBe(3);
    expect((await bellwether(folder, 'bundle', 'verify', OFF_FILE)).code).toBe(3);
    const stranger = await bellwether(folder, 'bundle', ...FLAGS, '--input', 'bellwether.db', '-o', 'x.tar.gz');
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining('none of the traces was read from this file')]);
    expect((await bellwether(folder, 'bundle', ...FLAGS, '-o', 'full.tar.gz')).code).toBe(2);
  });
});
