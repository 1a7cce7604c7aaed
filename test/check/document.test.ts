// docs/check.md is made of the rules: `npx vitest run test/check/document.test.ts -u` writes it anew.

import { expect, test } from 'vitest';
import { checkDocument } from '../../src/app/check-document.js';
import { DEVICE_BUGS, DRIVER_BUGS } from '../../src/history/check/bugs.js';
import { RULES } from '../../src/history/check/catalogue.js';

test('docs/check.md says what the rules say', async () => {
  await expect(checkDocument()).toMatchFileSnapshot('../../docs/check.md');
});

test('rules have their own names, in words joined by hyphens, and full texts', () => {
  const ids = RULES.map((rule) => rule.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]+(?:-[a-z]+)*$/.test(id))).toEqual([]);
  for (const { id, title, doc, evidence, needs, source } of RULES) {
    expect(title, id).toMatch(/^[A-Z].*\.$/);
    for (const text of [doc, evidence, needs, source]) expect(text.length, id).toBeGreaterThan(5);
  }
});

test('bugs name rules that there are', () => {
  const named = [...DRIVER_BUGS, ...DEVICE_BUGS].flatMap(({ rules }) => rules);
  expect(named.filter((id) => !RULES.some((rule) => rule.id === id))).toEqual([]);
});
