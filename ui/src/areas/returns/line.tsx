import { IconPackageImport } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { defineResource } from '@/shared/description';
import { receiveForm } from './receive';

export default defineResource({
  kind: kind('returnorderlineitem'),
  restores: { when: (row) => !row.received_date },
  query: { item_detail: true, part_detail: true, order_detail: true },
  columns: [{ name: 'item', width: 260 }, { name: 'quantity', align: 'right' }, 'reference', { name: 'outcome', width: 140 }, 'price', 'received_date', 'target_date'],
  form: ['order', { name: 'item', filters: () => ({ sent_to_customer: true }) }, 'quantity', 'outcome', 'reference', 'price', 'price_currency', 'target_date', 'notes', 'link'],
  bulkEdit: ['outcome'],
  actions: [
    formAction({
      name: 'receive',
      label: 'Receive',
      icon: IconPackageImport,
      needs: 'add',
      on: ['row', 'bulk'],
      when: (lines) => lines.every((line) => !line.received_date && line.order === lines[0]?.order),
      done: 'Received',
      form: (lines) => receiveForm(Number(lines[0]?.order), lines),
    }),
  ],
  deletesTogether: true,
  empty: 'No lines yet. Add the items to be returned.',
});
