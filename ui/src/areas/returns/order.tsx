import { IconList, IconPackageImport, IconReceipt } from '@tabler/icons-react';
import { page } from '@/api/client';
import { formAction } from '@/shared/actions';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { orderResource } from '../orders/order';
import { receiveForm } from './receive';

const IN_PROGRESS = 20;
const MOST = 500;

export default orderResource({
  model: 'returnorder',
  lines: [{ api: '/api/order/ro-line/', by: 'order' }, { api: '/api/order/ro-extra-line/', by: 'order' }],
  help: 'A return order tracks items that a customer sends back. Receive the items, then record the outcome of each one: returned, repaired, replaced, refunded, or rejected.',
  partner: ['customer'],
  open: [IN_PROGRESS],
  complete: { label: 'Complete', question: 'Complete this order?' },
  query: { customer_detail: true },
  form: ['customer_reference', 'order_currency'],
  fields: ['customer_reference', 'total_price', 'order_currency'],
  tabs: [
    { name: 'lines', label: 'Lines', icon: IconList, count: (row) => Number(row.line_items), content: ({ row }) => <ResourceTable model="returnorderlineitem" fixed={{ order: row.pk }} /> },
    { name: 'extra-lines', label: 'Extra lines', icon: IconReceipt, content: ({ row }) => <ResourceTable model="returnorderextraline" fixed={{ order: row.pk }} /> },
  ],
  actions: [
    formAction({
      name: 'receive',
      label: 'Receive',
      icon: IconPackageImport,
      needs: 'add',
      on: ['row'],
      isMain: true,
      when: ([row]) => Number(row?.status) === IN_PROGRESS && Number(row?.line_items) > Number(row?.completed_lines),
      done: 'Received',
      form: async ([row]) => {
        const { results } = await page('/api/order/ro-line/', { order: row?.pk, received: false, part_detail: true, limit: MOST });
        return receiveForm(row?.pk ?? 0, results);
      },
    }),
  ],
});
