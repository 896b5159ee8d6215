import { expect, test } from 'vitest';
import { quantities } from './ItemPlot';

test('only entries that name a quantity are plotted, the oldest first', () => {
  const entries = [
    { pk: 3, date: '2026-03-03 08:00', deltas: { quantity: 7 } },
    { pk: 2, date: '2026-03-02 08:00', deltas: { location: 4 } },
    { pk: 1, date: '2026-03-01 08:00', deltas: { quantity: '10' } },
  ];
  expect(quantities(entries).map(({ quantity }) => quantity)).toEqual([10, 7]);
});
