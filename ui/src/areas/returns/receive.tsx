/** Takes what comes back into stock, each item in its condition. */
import type { Row } from '@/api/client';
import { kind } from '@/app/registry';
import type { FormSpec } from '@/shared/form/Form';
import { conditions } from '../stock/assembly';

export async function receiveForm(order: number, lines: Row[]): Promise<Omit<FormSpec, 'title'>> {
  const choices = await conditions();
  return {
    url: `/api/order/ro/${order}/receive/`,
    items: {
      name: 'items',
      rows: lines,
      label: (line) => kind('returnorderlineitem').title(line),
      columns: [{ name: 'status', field: { type: 'choice', label: 'Condition', required: false, choices }, width: 180 }],
      toItem: (line, values) => ({ item: line.pk, ...values }),
    },
    fields: ['location', 'note'],
  };
}
