import { IconBookmark, IconHash } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { defineResource } from '@/shared/description';
import { serialsAction } from '../orders/allocation';
import { allocateForm, keepsLine, missing } from './allocate';
import { copied } from '../orders/line';

export default defineResource({
  kind: kind('transferorderlineitem'),
  restores: { when: (row) => Number(row.allocated ?? 0) === 0 && Number(row.transferred ?? 0) === 0 },
  query: { part_detail: true, order_detail: true },
  columns: [{ name: 'part', width: 260 }, 'quantity', 'allocated', 'transferred', 'reference', 'target_date'],
  form: ['order', 'part', 'quantity', 'reference', 'target_date', 'project_code', 'notes', 'link'],
  actions: [
    formAction({
      name: 'allocate',
      label: 'Allocate stock',
      icon: IconBookmark,
      needs: 'add',
      on: ['row', 'bulk'],
      when: (lines) => lines.every((line) => missing(line) > 0 && line.order === lines[0]?.order),
      done: 'Allocated',
      keeps: keepsLine,
      form: (lines) => allocateForm(Number(lines[0]?.order), lines),
    }),
    serialsAction({
      icon: IconHash,
      url: (line) => `/api/order/transfer-order/${Number(line.order)}/allocate-serials/`,
      missing,
      keeps: keepsLine,
      fields: () => [],
    }),
  ],
  duplicate: copied(['order', 'part', 'quantity', 'reference', 'target_date', 'project_code', 'notes', 'link']),
  deletesTogether: true,
  empty: 'No lines yet. Add the parts to transfer.',
});
