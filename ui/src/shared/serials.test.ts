import { expect, test } from 'vitest';
import { countSerials } from './serials';

test('how many serial numbers a text stands for', () => {
  expect(countSerials('1-10, 15')).toBe(11);
  expect(countSerials('7')).toBe(1);
  expect(countSerials('A1 A2, A3')).toBe(3);
  expect(countSerials('100+4')).toBe(5);
  expect(countSerials('10-1')).toBeUndefined();
  expect(countSerials('10-')).toBeUndefined();
  expect(countSerials('')).toBeUndefined();
});
