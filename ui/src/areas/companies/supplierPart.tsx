import { IconListDetails, IconPackages, IconReceipt, IconShoppingCart } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';

const supplierPart = defineResource({
  kind: kind('supplierpart'),
  help: 'A supplier part is a part as sold by one supplier, with its order number, pack size, and prices. One part can have many supplier parts.',
  query: { part_detail: true, supplier_detail: true, manufacturer_detail: true, manufacturer_part_detail: true },
  columns: [{ name: 'part', width: 240 }, 'supplier', { name: 'SKU', label: 'SKU' }, { name: 'MPN', label: 'MPN' }, 'in_stock', 'packaging', 'active', 'description'],
  filters: ['active', 'supplier', 'part', 'manufacturer', 'has_stock'],
  form: ['part', 'supplier', 'SKU', { name: 'manufacturer_part', filters: ({ part }) => ({ part: (part as number | null) ?? undefined }) }, 'description', 'packaging', 'pack_quantity', 'available', 'note', 'link', 'primary', 'active', 'tags'],
  bulkEdit: ['active', 'packaging'],
  panels: [
    { title: 'Supplier part', fields: ['part', 'supplier', 'SKU', 'manufacturer_part', 'description', 'link', 'note', 'active', 'primary'] },
    { title: 'Packing and stock', fields: ['packaging', 'pack_quantity', 'available', 'availability_updated', 'in_stock', 'on_order', 'updated'] },
  ],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={supplierPart} row={row} /> },
    { name: 'prices', label: 'Prices', icon: IconReceipt, content: ({ row }) => <ResourceTable model="supplierpricebreak" fixed={{ part: row.pk }} hides={['supplier']} /> },
    { name: 'stock', label: 'Stock', icon: IconPackages, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ supplier_part: row.pk }} newValues={{ part: row.part }} /> },
    { name: 'orders', label: 'Purchase orders', icon: IconShoppingCart, content: ({ row }) => <ResourceTable model="purchaseorderlineitem" fixed={{ part: row.pk }} canCreate={false} /> },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  deletesTogether: true,
});

export default supplierPart;
