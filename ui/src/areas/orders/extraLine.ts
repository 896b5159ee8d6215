import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';

/** Lines of an order that are no parts: shipping, fees. */
export const extraLine = (model: string) =>
  defineResource({
    kind: kind(model),
    restores: {},
    columns: ['reference', 'description', 'quantity', 'price', 'total_price', 'notes'],
    form: ['order', 'reference', 'description', 'quantity', 'price', 'price_currency', 'notes', 'link'],
    deletesTogether: true,
    empty: 'No extra lines, such as shipping or fees.',
  });
