import { expect, test } from 'vitest';
import { faultOf, percentOf } from './output';

test('what went wrong is a text to read', () => {
  expect(faultOf({ error: 'Too large.' })).toBe('Too large.');
  expect(faultOf({ template: ['label/x.html, line 3, column 5: Unknown tag "foo".'] })).toBe('template: label/x.html, line 3, column 5: Unknown tag "foo".');
  expect(faultOf('Broken')).toBe('Broken');
});

test('progress is told where the whole is known', () => {
  const output = { pk: 1, complete: false, output: null, errors: null };
  expect(percentOf({ ...output, progress: 3, total: 12 })).toBe(25);
  expect(percentOf({ ...output, progress: 3, total: 0 })).toBeUndefined();
});
