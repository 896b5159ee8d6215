import { IconBookmark, IconHash } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { defineResource } from '@/shared/description';
import { allocateForm, missing } from './allocate';

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
      needs: 'change',
      on: ['row', 'bulk'],
      when: (lines) => lines.every((line) => missing(line) > 0 && line.order === lines[0]?.order),
      done: 'Allocated',
      form: (lines) => allocateForm(Number(lines[0]?.order), lines),
    }),
    formAction({
      name: 'allocate-serials',
      label: 'Allocate serial numbers',
      icon: IconHash,
      needs: 'change',
      on: ['row'],
      when: ([line]) => Boolean(line && missing(line) > 0 && (line.part_detail as { trackable?: boolean } | undefined)?.trackable),
      done: 'Allocated',
      form: ([line]) => ({
        url: `/api/order/transfer-order/${Number(line?.order)}/allocate-serials/`,
        initial: { quantity: line ? missing(line) : 0 },
        fixed: { line_item: line?.pk },
        fields: ['quantity', 'serial_numbers'],
      }),
    }),
  ],
  deletesTogether: true,
  empty: 'No lines yet. Add the parts to transfer.',
});
