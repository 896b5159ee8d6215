import { IconBookmark, IconListDetails, IconTruck } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';

const today = () => new Date().toISOString().slice(0, 10);

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
  badges: (row) => (row.shipment_date ? [{ label: 'Shipped', color: 'green' }] : [{ label: 'Not shipped', color: 'gray' }]),
  actions: [
    formAction({
      name: 'ship',
      label: 'Ship',
      icon: IconTruck,
      needs: 'change',
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
  ],
  canDelete: (row) => !row.shipment_date,
});

export default shipment;
