import { expect, test } from 'vitest';
import { reader } from './scanner';

const type = (text: string, step: number) => {
  const read = reader();
  const results = [...text].map((key, at) => read(key === '\n' ? 'Enter' : key, 1000 + at * step));
  return results.filter((result) => result !== null);
};

test('a scanner is told from a person by its speed', () => {
  expect(type('INV-SI17\n', 8)).toEqual(['INV-SI17']);
  expect(type('INV-SI17\n', 120)).toEqual([]);
  expect(type('ab\n', 5)).toEqual([]);
  expect(type('INV-SI17\nINV-SL2\n', 8)).toEqual(['INV-SI17', 'INV-SL2']);
});
