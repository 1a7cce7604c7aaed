import { describe, expect, it } from 'vitest';
import { displayWidth, textTable } from '../../src/report/table.js';

describe('textTable', () => {
  it('sets numbers to the right, text to the left, and groups thousands', () => {
    const table = textTable(
      [{ title: 'queue' }, { title: 'depth' }, { title: 'MMIO' }, { title: 'saved', align: 'right' }],
      [
        ['queue 1', 1024, 3001, '87.4 %'],
        ['queue 10', null, 7, '-'],
      ],
    );
    expect(table).toBe(
      [
        'queue     depth   MMIO   saved',
        '--------  -----  -----  ------',
        'queue 1   1,024  3,001  87.4 %',
        'queue 10      –      7       -',
        '',
      ].join('\n'),
    );
  });

  it('is a header and a rule without rows', () => {
    expect(textTable([{ title: 'a' }, { title: 'bc' }], [])).toBe('a  bc\n-  --\n');
  });

  it('shows control characters instead of sending them to the terminal', () => {
    const table = textTable([{ title: 'name' }], [['\u001b[31mred\u202e\n']]);
    expect(table).toContain('\\x1b[31mred\\u{202e}\\x0a');
    for (const raw of ['\u001b', '\u202e']) expect(table).not.toContain(raw);
  });

  it('keeps columns straight with wide and combining characters', () => {
    expect(displayWidth('語')).toBe(2);
    expect(displayWidth('e\u0301')).toBe(1);
    const [, , first, second] = textTable([{ title: 'name' }, { title: 'n' }], [['語語', 1], ['ab', 2]]).split('\n');
    expect(first).toBe('語語  1');
    expect(second).toBe('ab    2');
  });
});
