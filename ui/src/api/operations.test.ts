import { expect, test } from 'vitest';
// @ts-expect-error a script without types
import { faults, unused } from '../../scripts/operations.mjs';

const document = {
  paths: {
    '/api/part/': { get: {}, post: {}, delete: {} },
    '/api/build/{id}/issue/': { post: {} },
    '/api/order/po/{id}/hold/': { post: {} },
    '/api/stock/count/': { post: {} },
    '/api/part/{id}/fold/': { post: {} },
  },
};

test('operations that pages use are found: from descriptions, addresses that are put together, and forms', () => {
  expect((unused as (document: unknown) => { unused: string[] })(document).unused).toEqual(['DELETE /api/part/', 'POST /api/part/{id}/fold/']);
}, 60_000);

test('an operation that is neither used nor listed is a fault, and a list that is out of date', () => {
  const check = faults as (operations: string[], reasons: unknown[]) => string[];
  expect(check(['PUT /api/a/', 'GET /api/b/'], [{ reason: 'Never by hand.', operations: ['PUT *'] }])).toHaveLength(1);
  expect(check(['PUT /api/a/'], [{ reason: 'Never by hand.', operations: ['PUT *', 'GET /api/gone/'] }])).toHaveLength(1);
  expect(check(['PUT /api/a/'], [{ reason: ' ', operations: ['PUT *'] }])).toHaveLength(1);
});
