import { expect, test } from 'vitest';
import { saysMore } from './help';

test.each([
  ['Name of the part.', 'Name'],
  ['Whether the part is active.', 'Active'],
  ['Supplier part.', 'Supplier part'],
  ['Part category.', 'Category'],
])('"%s" says no more than "%s"', (help, label) => expect(saysMore(help, label)).toBe(false));

test.each([
  ['Parent category. Empty for a top-level category.', 'Parent category'],
  ['Locked parts cannot be edited.', 'Locked'],
  ['Quantity is given in packs of the supplier part.', 'Use pack size'],
  ['Serial numbers, such as `1-10, 15`.', 'Serial numbers'],
])('"%s" says more than "%s"', (help, label) => expect(saysMore(help, label)).toBe(true));
