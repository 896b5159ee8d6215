import { IconBookmark, IconList } from '@tabler/icons-react';
import { page } from '@/api/client';
import { formAction } from '@/shared/actions';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { orderResource } from '../orders/order';
import { allocateForm, keepsOrder, missing } from './allocate';

const ISSUED = 20;
const MOST = 500;

export default orderResource({
  model: 'transferorder',
  lines: [{ api: '/api/order/transfer-order-line/', by: 'order' }],
  help: 'A transfer order plans the move of stock from one location to another, with lines that are allocated and completed.',
  partner: ['take_from', 'destination'],
  open: [ISSUED],
  complete: { label: 'Complete', question: 'Complete this order and move the allocated stock?', body: { accept_incomplete: true } },
  query: { take_from_detail: true, destination_detail: true },
  form: ['consume'],
  fields: ['consume'],
  tabs: [
    { name: 'lines', label: 'Lines', icon: IconList, count: (row) => Number(row.line_items), content: ({ row }) => <ResourceTable model="transferorderlineitem" fixed={{ order: row.pk }} /> },
    { name: 'allocations', label: 'Allocations', icon: IconBookmark, content: ({ row }) => <ResourceTable model="transferorderallocation" fixed={{ order: row.pk }} hides={['order']} /> },
  ],
  actions: [
    formAction({
      name: 'allocate',
      label: 'Allocate stock',
      icon: IconBookmark,
      needs: 'add',
      on: ['row'],
      isMain: true,
      when: ([row]) => Number(row?.status) <= ISSUED && Number(row?.line_items) > 0,
      done: 'Allocated',
      keeps: keepsOrder,
      form: async ([row]) => {
        const { results } = await page('/api/order/transfer-order-line/', { order: row?.pk, part_detail: true, limit: MOST });
        return allocateForm(row?.pk ?? 0, results.filter((line) => missing(line) > 0));
      },
    }),
  ],
});
