/** Sets stock aside for the lines of a transfer order. */
import type { Row } from '@/api/client';
import { kind } from '@/app/registry';
import type { FormSpec } from '@/shared/form/Form';
import { quantity } from '@/shared/format';

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated ?? 0) - Number(line.transferred ?? 0));

export function allocateForm(order: number, lines: Row[]): Omit<FormSpec, 'title'> {
  return {
    url: `/api/order/transfer-order/${order}/allocate/`,
    items: {
      name: 'items',
      rows: lines,
      label: (line) => kind('transferorderlineitem').title(line),
      shown: [{ label: 'Missing', render: (line) => quantity(missing(line)) }],
      columns: [
        {
          name: 'stock_item',
          field: { type: 'related field', label: 'Stock', model: 'stockitem', required: true },
          filters: (line) => ({ part: Number(line.part), in_stock: true, available: true }),
          width: 280,
        },
        { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: missing, width: 100 },
      ],
      toItem: (line, values) => ({ line_item: line.pk, ...values }),
    },
    fields: [],
  };
}
