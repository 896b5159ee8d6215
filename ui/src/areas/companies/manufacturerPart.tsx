import { IconListDetails, IconTruckDelivery } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';

const manufacturerPart = defineResource({
  kind: kind('manufacturerpart'),
  help: 'A manufacturer part is a part as made by one manufacturer, with its own part number. Supplier parts can refer to it, so that you can compare suppliers of the same product.',
  query: { part_detail: true, manufacturer_detail: true },
  columns: [{ name: 'part', width: 240 }, 'manufacturer', { name: 'MPN', label: 'MPN' }, 'description', 'link'],
  form: ['part', 'manufacturer', 'MPN', 'description', 'link', 'tags'],
  panels: [{ title: 'Manufacturer part', fields: ['part', 'manufacturer', 'MPN', 'description', 'link'] }],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={manufacturerPart} row={row} /> },
    { name: 'suppliers', label: 'Supplier parts', icon: IconTruckDelivery, content: ({ row }) => <ResourceTable model="supplierpart" fixed={{ manufacturer_part: row.pk }} newValues={{ part: row.part }} /> },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  deletesTogether: true,
});

export default manufacturerPart;
