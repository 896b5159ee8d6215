import { expect, test } from 'vitest';
import { messagesOf } from './client';

test('messages stand under the path of their field', () => {
  expect(messagesOf({ name: ['Too long.', 'Odd.'], items: [{}, { quantity: ['Too much.'] }], detail: 'No.' })).toEqual({
    name: ['Too long.', 'Odd.'],
    'items.1.quantity': ['Too much.'],
    '': ['No.'],
  });
  expect(messagesOf({ items: [{ non_field_errors: ['Gone.'] }] })).toEqual({ 'items.0': ['Gone.'] });
  expect(messagesOf({ status: 400, errors: [{ message: 'Wrong.', param: 'password' }] })).toEqual({ password: ['Wrong.'] });
});
