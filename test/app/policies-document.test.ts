// docs/policies.md is made of the catalogue: `npx vitest run test/app/policies-document.test.ts -u` writes it anew.

import { expect, test } from 'vitest';
import { policiesDocument } from '../../src/app/policies-document.js';
import { CQ_FAMILIES, CQ_POLICIES, SQ_FAMILIES, SQ_POLICIES } from '../../src/model/policy/catalogue.js';
import { instance } from '../../src/model/policy/family.js';

test('docs/policies.md says what the policies say', async () => {
  await expect(policiesDocument()).toMatchFileSnapshot('../../docs/policies.md');
});

test('the catalogue is whole: P0 to P20, and C1 to C8 with P2 on the other side, in order, each name once on its side', () => {
  expect(SQ_FAMILIES.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, i) => `P${i}`));
  expect(CQ_FAMILIES.map(({ id }) => id)).toEqual([...Array.from({ length: 8 }, (_, i) => `C${i + 1}`), 'P2']);
  for (const policies of [SQ_POLICIES, CQ_POLICIES]) expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
});

test('texts are there, and defaults and values to try lie in range', () => {
  for (const { name, formula, provenance, risk, parameters } of [...SQ_FAMILIES, ...CQ_FAMILIES]) {
    for (const text of [formula, provenance, risk]) expect(text.length, name).toBeGreaterThan(5);
    for (const { default: value, min, max, whole, tries, doc } of parameters) {
      expect(doc.length, name).toBeGreaterThan(5);
      for (const each of [value, ...tries]) {
        expect(each >= min && each <= max, name).toBe(true);
        if (whole) expect(Number.isInteger(each), name).toBe(true);
      }
    }
  }
});

test('a name tells the parameters that are not the defaults', () => {
  const lookAhead = SQ_FAMILIES.find(({ id }) => id === 'P10')!;
  expect(instance(lookAhead).name).toBe('look-ahead:k=4');
  expect(instance(lookAhead, { k: 4 }).name).toBe('look-ahead:k=4');
  expect(instance(lookAhead, { 'timer-us': 7, k: 2 }).name).toBe('look-ahead:k=2,timer-us=7');
});
