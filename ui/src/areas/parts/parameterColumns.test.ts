import { expect, test } from 'vitest';
import { parameterValue } from './parameterColumns';

test('a bare number is shown with the unit of its template', () => {
  const template = { pk: 1, units: 'ohm' };
  const row = (data: string) => ({ pk: 7, parameters: [{ template: 1, data }] });
  expect(parameterValue(row('47'), template)).toBe('47 ohm');
  expect(parameterValue(row('4.7 kohm'), template)).toBe('4.7 kohm');
  expect(parameterValue({ pk: 7 }, template)).toBe('–');
});
