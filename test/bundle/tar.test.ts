import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { manifestSchema, parseManifest } from '../../src/bundle/manifest.js';
import { packArchive, unpackArchive } from '../../src/bundle/tar.js';

const entries = [
  { path: 'a.txt', bytes: Buffer.from('hello\n') },
  { path: 'folder/empty', bytes: Buffer.alloc(0) },
  { path: 'folder/block', bytes: Buffer.alloc(512, 7) },
  { path: 'folder/large', bytes: Buffer.alloc(100_001, 'x') },
];

describe('archives', () => {
  it('give back what was put in, and the same bytes each time', () => {
    const packed = packArchive(entries);
    expect(packArchive(entries).equals(packed)).toBe(true);
    expect([...unpackArchive(packed)].map(([path, bytes]) => ({ path, bytes: Buffer.from(bytes) }))).toEqual(entries);
  });

  it('are opened by tar', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-tar-'));
    writeFileSync(join(folder, 'x.tar.gz'), packArchive(entries));
    execFileSync('tar', ['xzf', 'x.tar.gz'], { cwd: folder });
    for (const { path, bytes } of entries) expect(readFileSync(join(folder, path)).equals(bytes)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it.each(['/etc/passwd', '../up', 'a/../../b', 'a//b', '', 'a\\b', 'x'.repeat(101)])('refuse the name %j', (path) => {
    expect(() => packArchive([{ path, bytes: Buffer.alloc(1) }])).toThrow();
  });

  it('are refused when damaged, torn, of another kind, or with names that lead out', () => {
    const tar = gunzipSync(packArchive(entries));
    const changed = (change: (bytes: Buffer) => Buffer | void): Uint8Array => {
      const bytes = Buffer.from(tar);
      return gzipSync(change(bytes) ?? bytes);
    };
    expect(() => unpackArchive(Buffer.from('no archive'))).toThrow('not a gzip archive');
    expect(() => unpackArchive(changed((bytes) => bytes.subarray(0, bytes.length - 1024)))).toThrow('without an end mark');
    expect(() => unpackArchive(changed((bytes) => bytes.subarray(0, 2048 + 5000)))).toThrow('are left');
    expect(() => unpackArchive(changed((bytes) => void bytes.write('../', 0, 'latin1')))).toThrow('no plain file');
    expect(() => unpackArchive(changed((bytes) => void bytes.write('2', 156, 'latin1')))).toThrow('no plain file');
    expect(() => unpackArchive(changed((bytes) => void bytes.write('77777777777', 124, 'latin1')))).toThrow();
    expect(() => unpackArchive(changed((bytes) => Buffer.concat([bytes.subarray(0, 1024), bytes])))).toThrow('comes twice');
  });
});

describe('manifests', () => {
  it('are checked, with the place of a fault', () => {
    expect(() => parseManifest('{')).toThrow('no JSON');
    expect(() => parseManifest('{"bundle":"other"}')).toThrow('manifest.json: bundle');
  });

  it('have a JSON Schema', () => {
    expect(manifestSchema()).toMatchObject({ type: 'object', required: expect.arrayContaining(['what_if', 'files']) as unknown });
  });
});
