import { expect, test } from 'vitest';
import { undoCount, undoMove, undoWith } from './undo';

const item = { pk: 1, quantity: 10, location: 3, delete_on_deplete: true };
const sent = (quantity: number) => ({ items: [{ pk: 1, quantity }] });

test('what may be gone cannot be taken back', () => {
  expect(undoCount([item], sent(4))).toBeDefined();
  expect(undoCount([item], sent(0))).toBeUndefined();
  expect(undoCount([{ ...item, delete_on_deplete: false }], sent(0))).toBeDefined();
  expect(undoWith('/api/stock/add/')([item], sent(10))).toBeUndefined();
  expect(undoWith('/api/stock/add/')([item], sent(9))).toBeDefined();
});

test('only whole items of a known place go back, and only those that are known', () => {
  expect(undoMove([item], sent(10))).toBeDefined();
  expect(undoMove([item], sent(5))).toBeUndefined();
  expect(undoMove([{ ...item, location: null }], sent(10))).toBeUndefined();
  expect(undoMove([item], { items: [{ pk: 1, quantity: 10 }, { pk: 2, quantity: 1 }] })).toBeUndefined();
});
