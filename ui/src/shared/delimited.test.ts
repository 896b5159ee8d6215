import { expect, test } from 'vitest';
import { cellsOf } from './delimited';

test('cells of a spreadsheet, of CSV and of quoted texts', () => {
  expect(cellsOf('a\tb\r\n1\t2\r\n')).toEqual([['a', 'b'], ['1', '2']]);
  expect(cellsOf('a;b\n"x;""y""\nz";2')).toEqual([['a', 'b'], ['x;"y"\nz', '2']]);
  expect(cellsOf('a,b\n\n,\n1,\n')).toEqual([['a', 'b'], ['1', '']]);
  expect(cellsOf('one')).toEqual([['one']]);
  expect(cellsOf('a\nb\nc', ',', 2)).toEqual([['a'], ['b']]);
});
