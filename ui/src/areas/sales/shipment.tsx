import { IconBookmark, IconClipboardCheck, IconClipboardX, IconHomeCheck, IconListDetails, IconTruck } from '@tabler/icons-react';
import { get, patch, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { type Action, defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { succeeded } from '@/shared/notify';
import { forEach } from '@/shared/progress';
import { ResourceTable } from '@/shared/table/ResourceTable';

const today = () => new Date().toISOString().slice(0, 10);

const API = '/api/order/so/shipment/';

/** Whoever has looked into the boxes says so. */
const checked = (to: boolean): Action => ({
  name: to ? 'check' : 'uncheck',
  label: to ? 'Mark as checked' : 'Mark as unchecked',
  icon: to ? IconClipboardCheck : IconClipboardX,
  needs: 'change',
  on: ['row', 'bulk'],
  when: (rows) => rows.every((row) => !row.shipment_date && Boolean(row.checked_by) !== to),
  run: async (rows, context) => {
    const user = to ? (await get<Row>('/api/user/me/')).pk : null;
    const set = (of: (row: Row) => unknown) => forEach(translate(to ? 'Mark as checked' : 'Mark as unchecked'), rows, (row) => patch(`${API}${row.pk}/`, { checked_by: of(row) })).then(context.refresh);
    await set(() => user);
    succeeded(translate(to ? 'Checked' : 'Unchecked'), () => set((row) => row.checked_by));
  },
});

const shipment = defineResource({
  kind: kind('salesordershipment'),
  query: { order_detail: true, customer_detail: true },
  columns: [{ name: 'reference', width: 120 }, 'order', { name: 'allocated_items', label: 'Items' }, 'shipment_date', 'delivery_date', 'tracking_number', 'invoice_number'],
  filters: ['shipped', 'delivered'],
  form: ['order', 'reference', 'shipment_address', 'tracking_number', 'invoice_number', 'delivery_date', 'link', 'tags'],
  panels: [
    { title: 'Shipment', fields: ['reference', 'order', 'shipment_address', 'allocated_items', 'checked_by'] },
    { title: 'Delivery', fields: ['shipment_date', 'delivery_date', 'tracking_number', 'invoice_number', 'link'] },
  ],
  tabs: [
    { name: 'items', label: 'Items', icon: IconBookmark, content: ({ row }) => <ResourceTable model="salesorderallocation" fixed={{ shipment: row.pk }} hides={['order', 'shipment']} /> },
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={shipment} row={row} /> },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  badges: (row) => [
    row.shipment_date ? { label: 'Shipped', color: 'green' } : { label: 'Not shipped', color: 'gray' },
    ...(row.checked_by && !row.shipment_date ? [{ label: 'Checked', color: 'blue' }] : []),
    ...(row.delivery_date ? [{ label: 'Delivered', color: 'green' }] : []),
  ],
  actions: [
    formAction({
      name: 'ship',
      label: 'Ship',
      icon: IconTruck,
      needs: 'add',
      on: ['row'],
      isMain: true,
      when: ([row]) => !row?.shipment_date && Number(row?.allocated_items) > 0,
      done: 'Shipped',
      form: ([row]) => ({
        url: `/api/order/so/shipment/${row?.pk}/ship/`,
        initial: { shipment_date: today(), tracking_number: row?.tracking_number, invoice_number: row?.invoice_number, link: row?.link },
        fields: ['shipment_date', 'delivery_date', 'tracking_number', 'invoice_number', 'link'],
      }),
    }),
    checked(true),
    checked(false),
    {
      name: 'delivered',
      label: 'Mark as delivered',
      icon: IconHomeCheck,
      needs: 'change',
      on: ['row', 'bulk'],
      when: (rows) => rows.every((row) => row.shipment_date && !row.delivery_date),
      run: async (rows, context) => {
        const set = (value: string | null) => forEach(translate('Mark as delivered'), rows, (row) => patch(`${API}${row.pk}/`, { delivery_date: value })).then(context.refresh);
        await set(today());
        succeeded(translate('Delivered'), () => set(null));
      },
    },
  ],
  restores: { when: (row) => !row.shipment_date && Number(row.allocated_items) === 0 },
  canDelete: (row) => !row.shipment_date,
});

export default shipment;
