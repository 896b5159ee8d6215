import { IconAddressBook, IconBuildingFactory, IconListDetails, IconMapPin2, IconPackages, IconShoppingCart, IconTruck, IconTruckDelivery, IconTruckReturn, IconUserShare } from '@tabler/icons-react';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { ResourceTable } from '@/shared/table/ResourceTable';

const company = defineResource({
  kind: kind('company'),
  columns: [{ name: 'name', width: 260 }, 'description', 'is_supplier', 'is_manufacturer', 'is_customer', 'parts_supplied', 'website', 'active'],
  filters: ['active', 'is_supplier', 'is_manufacturer', 'is_customer'],
  sort: 'name',
  form: ['name', 'description', 'currency', 'website', 'phone', 'email', 'contact', 'link', 'tax_id', 'image', 'is_supplier', 'is_manufacturer', 'is_customer', 'active', 'tags'],
  panels: [
    { title: 'Company', fields: ['name', 'description', 'website', 'phone', 'email', 'contact', 'link', 'currency', 'tax_id'] },
    { title: 'Type', fields: ['is_supplier', 'is_manufacturer', 'is_customer', 'active', 'parts_supplied', 'parts_manufactured'] },
  ],
  tabs: [
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={company} row={row} /> },
    { name: 'supplied', label: 'Supplied parts', icon: IconTruckDelivery, when: (row) => Boolean(row.is_supplier), content: ({ row }) => <ResourceTable model="supplierpart" fixed={{ supplier: row.pk }} hides={['supplier']} /> },
    { name: 'manufactured', label: 'Manufactured parts', icon: IconBuildingFactory, when: (row) => Boolean(row.is_manufacturer), content: ({ row }) => <ResourceTable model="manufacturerpart" fixed={{ manufacturer: row.pk }} hides={['manufacturer']} /> },
    { name: 'purchase-orders', label: 'Purchase orders', icon: IconShoppingCart, when: (row) => Boolean(row.is_supplier), content: ({ row }) => <ResourceTable model="purchaseorder" fixed={{ supplier: row.pk }} hides={['supplier']} /> },
    { name: 'stock', label: 'Stock', icon: IconPackages, when: (row) => Boolean(row.is_supplier), content: ({ row }) => <ResourceTable model="stockitem" fixed={{ supplier: row.pk }} canCreate={false} /> },
    { name: 'sales-orders', label: 'Sales orders', icon: IconTruck, when: (row) => Boolean(row.is_customer), content: ({ row }) => <ResourceTable model="salesorder" fixed={{ customer: row.pk }} hides={['customer']} /> },
    { name: 'return-orders', label: 'Return orders', icon: IconTruckReturn, when: (row) => Boolean(row.is_customer), content: ({ row }) => <ResourceTable model="returnorder" fixed={{ customer: row.pk }} hides={['customer']} /> },
    { name: 'assigned', label: 'Assigned stock', icon: IconUserShare, when: (row) => Boolean(row.is_customer), content: ({ row }) => <ResourceTable model="stockitem" fixed={{ customer: row.pk, in_stock: undefined }} overrides={{ empty: 'No stock items are assigned to this customer.' }} canCreate={false} /> },
    { name: 'contacts', label: 'Contacts', icon: IconAddressBook, content: ({ row }) => <ResourceTable model="contact" fixed={{ company: row.pk }} hides={['company']} /> },
    { name: 'addresses', label: 'Addresses', icon: IconMapPin2, content: ({ row }) => <ResourceTable model="address" fixed={{ company: row.pk }} /> },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  badges: (row) => (row.active ? [] : [{ label: 'Inactive', color: 'gray' }]),
});

export default company;
