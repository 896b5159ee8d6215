import { Progress } from '@mantine/core';
import { kind } from '@/app/registry';
import { defineResource } from '@/shared/description';
import { quantity } from '@/shared/format';
import { allocateLines, autoAllocateLines, buildLine, buyLines, consumeLines, unallocateLine } from './allocate';

const share = (part: unknown, whole: unknown) => (Number(whole) > 0 ? Math.min(100, (100 * Number(part)) / Number(whole)) : 100);

export default defineResource({
  kind: kind('buildline'),
  query: { part_detail: true, bom_item_detail: true, build_detail: true },
  columns: [
    { name: 'part', label: 'Component', width: 240, sort: 'part' },
    { name: 'reference', label: 'Reference' },
    { name: 'quantity', label: 'Required', align: 'right', sort: 'quantity' },
    { name: 'available_stock', label: 'Available', align: 'right', sort: 'available_stock' },
    {
      name: 'allocated',
      label: 'Allocated',
      width: 170,
      sort: 'allocated',
      render: (row) => {
        const done = Number(row.allocated) + Number(row.consumed);
        return (
          <span style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
            <Progress value={share(done, row.quantity)} w={70} size="sm" color={done >= Number(row.quantity) ? 'green' : 'orange'} aria-label={quantity(done)} />
            {quantity(done)}
          </span>
        );
      },
    },
    { name: 'consumed', align: 'right', sort: 'consumed' },
    { name: 'on_order', align: 'right' },
    { name: 'in_production', align: 'right' },
    'consumable',
    'optional',
  ],
  filters: ['allocated', 'available', 'consumable', 'optional', 'consumed', 'trackable'],
  actions: [allocateLines, autoAllocateLines, consumeLines, unallocateLine, buyLines, buildLine],
  canCreate: false,
  canEdit: false,
  canDelete: false,
  empty: 'The bill of materials of this part has no lines.',
});
