// Each rule finds the fault that was planted for it, and finds nothing in the same events without it.

import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/history/check/catalogue.js';
import { COMPLETE, audit, evidence } from '../support/audit.js';
import { FAULTS } from './faults.js';

test('every rule has a planted fault at its own severity', () => {
  for (const rule of RULES) {
    expect(FAULTS.some((fault) => fault.rule === rule.id && fault.severity === rule.severity), rule.id).toBe(true);
  }
});

describe.each(FAULTS)('$rule: $name ($madeBy)', ({ rule, severity, faulty, sound, facts }) => {
  test('is found', () => {
    const result = audit(faulty, facts === undefined ? {} : { facts: { ...COMPLETE.facts, ...facts } });
    const found = result.findings.filter((group) => group.rule === rule);
    expect(found.map((group) => group.severity)).toContain(severity);
    expect(found.flatMap(({ kept }) => kept).every((finding) => finding.evidence.length > 10)).toBe(true);
  });

  test('is not found without it', () => {
    expect(evidence(audit(sound), rule)).toEqual([]);
  });
});
