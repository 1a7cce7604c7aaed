import { expect, test } from 'vitest';
import { ADMIN_OPCODES, IO_OPCODES, opcodeName } from '../../src/nvme/opcodes.js';
import { REGISTERS, adminCqDepth, adminSqDepth } from '../../src/nvme/registers.js';

test('an opcode means one thing on the admin queue and another on an I/O queue', () => {
  expect(opcodeName(0, 0x02)).toBe('get log page');
  expect(opcodeName(1, 0x02)).toBe('read');
  expect(opcodeName(0, 0x7c)).toBe('doorbell buffer config');
  expect(opcodeName(0, 0xc0)).toBe('google doorbell memory');
  expect(opcodeName(3, 0x0f)).toBe('opcode 0fh');
});

test('no two opcodes of a table, and no two registers, share a number', () => {
  for (const table of [ADMIN_OPCODES, IO_OPCODES, REGISTERS]) {
    const numbers = Object.values(table);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});

test('AQA holds both admin queue sizes, counted from 0', () => {
  expect([adminSqDepth(0x001f_001f), adminCqDepth(0x001f_001f)]).toEqual([32, 32]);
  expect([adminSqDepth(0x00ff_0000), adminCqDepth(0x00ff_0000)]).toEqual([1, 256]);
  expect([adminSqDepth(0xffff_ffff), adminCqDepth(0xffff_ffff)]).toEqual([4096, 4096]);
});
