import { expect, test } from 'vitest';
import { pricePoints } from './Pricing';
import { type Entry, planned } from './Scheduling';
import { pastDays } from './StockPlot';

const entry = (day: string | null, amount: number): Entry => ({ day, amount, label: '', model: 'build', pk: 1, reference: '' });

test('entries stand by day, those without one last, with the stock after each', () => {
  const lines = planned([entry(null, 5), entry('2026-03-02', -4), entry('2026-03-01', 10), entry('2026-03-03', 0)], 1);
  expect(lines.map(({ day, after }) => [day, after])).toEqual([['2026-03-01', 11], ['2026-03-02', 7], [null, 12]]);
});

test('each series has a price at every quantity from its first on', () => {
  const price = (series: string, quantity: number, price: number) => ({ series, quantity, price, currency: 'EUR' });
  expect(pricePoints([price('a', 1, 3), price('a', 100, 2), price('b', 10, 2.5)])).toEqual([
    { quantity: 1, a: 3 },
    { quantity: 10, a: 3, b: 2.5 },
    { quantity: 100, a: 2, b: 2.5 },
  ]);
});

test('days of the past end today', () => {
  expect(pastDays(30, new Date('2026-03-31T12:00:00Z'), 4)).toEqual(['2026-03-01', '2026-03-11', '2026-03-21', '2026-03-31']);
});
