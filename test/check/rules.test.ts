// Each rule finds the fault that was planted for it, and finds nothing in the same events without it.

import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/history/check/catalogue.js';
import { COMPLETE, audit, evidence } from '../support/audit.js';
import { NS_PER_S } from '../../src/base/units.js';
import { Scene } from '../support/scene.js';
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

test('slow-command: a capture without any completion leaves the end of its commands open', () => {
  const scene = (): Scene => new Scene().createQueue(1, 8).at(1000).sqDoorbell(1, 1).at(2000).fetch(1, 1);
  const silent = scene().at(10 * NS_PER_S).deleteSq(1);
  expect(evidence(audit(silent.events), 'slow-command')).toEqual([]);
  const lacking = scene().at(3000).sqDoorbell(1, 2).at(4000).fetch(1, 2).at(5000).complete(1, 2).at(10 * NS_PER_S).deleteSq(1);
  expect(evidence(audit(lacking.events), 'slow-command')).toEqual([expect.stringMatching(/^warning: command 1 was 10/)]);
});
