// The tables of text-width.ts against the fonts themselves.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ensure } from '../../src/base/assert.js';
import { fontFiles } from '../../src/charts/render/fonts.js';
import { clipText, textWidthPx, wrapText } from '../../src/charts/text-width.js';

/** Advance width of a character in font units: `cmap` format 4, then `hmtx` (OpenType specification). */
function advanceReader(path: string): (code: number) => number {
  const font = readFileSync(path);
  const tables = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    tables.set(font.toString('latin1', 12 + 16 * i, 16 + 16 * i), font.readUInt32BE(20 + 16 * i));
  }
  const cmap = tables.get('cmap')!;
  const subtables = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) => cmap + font.readUInt32BE(cmap + 8 + 8 * i));
  const map = subtables.find((at) => font.readUInt16BE(at) === 4)!;
  const segments = font.readUInt16BE(map + 6) / 2;
  const metrics = font.readUInt16BE(tables.get('hhea')! + 34);
  const glyphOf = (code: number): number => {
    for (let i = 0; i < segments; i++) {
      if (code > font.readUInt16BE(map + 14 + 2 * i)) continue;
      const start = font.readUInt16BE(map + 16 + 2 * (segments + i));
      const delta = font.readUInt16BE(map + 16 + 2 * (2 * segments + i));
      const at = map + 16 + 2 * (3 * segments + i);
      const offset = font.readUInt16BE(at);
      if (code < start) return 0;
      return ((offset === 0 ? code : font.readUInt16BE(at + offset + 2 * (code - start))) + delta) & 0xffff;
    }
    return 0;
  };
  return (code) => font.readUInt16BE(tables.get('hmtx')! + 4 * Math.min(glyphOf(code), metrics - 1));
}

describe('textWidthPx', () => {
  it.each([false, true])('agrees with the font (bold: %s)', (bold) => {
    const advance = advanceReader(ensure(fontFiles()[bold ? 1 : 0], 'font file'));
    for (let code = 0x20; code < 0x7f; code++) {
      expect(textWidthPx(String.fromCharCode(code), 2048, bold), `U+${code.toString(16)}`).toBe(advance(code));
    }
    if (bold) return;
    for (const character of '\u00a0±·×–−') {
      expect(textWidthPx(character, 2048), character).toBe(advance(character.codePointAt(0)!));
    }
  });

  it('counts characters outside the tables as one em', () => {
    expect(textWidthPx('語\u{1f980}', 12)).toBe(24);
  });
});

describe('wrapText', () => {
  it('breaks at spaces, keeps no-break spaces, cuts words that are too wide', () => {
    expect(wrapText('', 100, 12)).toEqual([]);
    expect(wrapText('one two three', textWidthPx('one two', 12), 12)).toEqual(['one two', 'three']);
    expect(wrapText('up to 90\u00a0% of it', textWidthPx('up to 90', 12), 12)).toEqual(['up to', '90\u00a0% of', 'it']);
    expect(wrapText('xxxxx', textWidthPx('xx', 12), 12)).toEqual(['xx', 'xx', 'x']);
    expect(wrapText('xx', 1, 12)).toEqual(['x', 'x']);
  });
});

describe('clipText', () => {
  it('keeps what fits and ends the rest with an ellipsis', () => {
    expect(clipText('abc', 1000, 12)).toBe('abc');
    expect(clipText('x'.repeat(50), textWidthPx('xxxx', 12) + 12, 12)).toBe('xxxx…');
  });
});
