import { expect, test } from 'vitest';
import { faultIn } from './preview';

test('the place of an error is read from its text', () => {
  expect(faultIn('label/x.html, line 3, column 5: There is no tag foo.')).toEqual({ template: 'label/x.html', line: 3, column: 5, message: 'There is no tag foo.' });
  expect(faultIn('line 12, column 1: Broken')).toMatchObject({ template: '', line: 12, column: 1 });
  expect(faultIn('Broken')).toBeUndefined();
});
