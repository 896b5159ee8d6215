import { expect, test } from 'vitest';
import { fitted, fitting, headingWidth } from './fit';

const column = (id: string, width: number, label = id) => ({ id, label, width });
const total = (widths: Record<string, number>) => Object.values(widths).reduce((sum, width) => sum + width, 0);

test('a column is as wide as its heading', () => {
  expect(fitted([column('a', 90, 'Completed shipments')], {}, 0).a).toBeGreaterThan(150);
  expect(headingWidth({ label: '在库数量' })).toBe(4 * 13 + 22);
});

test('wide columns give way where all can be seen then, in proportion', () => {
  const columns = [column('name', 300), column('description', 260), column('in_stock', 110)];
  const widths = fitted(columns, {}, 560);
  expect(total(widths)).toBeLessThanOrEqual(560);
  expect(widths.in_stock).toBe(110);
  // the first one says what a row is
  expect(widths.name!).toBeGreaterThanOrEqual(255);
});

test('with too little room, columns keep their widths and are scrolled; what the user has set stays', () => {
  const columns = [column('name', 300), column('description', 260)];
  expect(fitted(columns, {}, 200)).toEqual({ name: 300, description: 260 });
  expect(fitted(columns, { name: 320 }, 500)).toEqual({ name: 320, description: 180 });
});

test('of the columns that a table has at first, those are shown that fit, and three in any case', () => {
  const columns = [column('name', 300), column('a', 100), column('b', 100), column('c', 100)];
  expect(fitting(columns, {}, 255 + 300)).toBe(4);
  expect(fitting(columns, {}, 255 + 299)).toBe(3);
  expect(fitting(columns, { name: 300 }, 580)).toBe(3);
  expect(fitting(columns, {}, 50)).toBe(3);
  expect(fitting(columns, {}, 0)).toBe(4);
});
