import { IconBan, IconBookmark, IconBuildingFactory2, IconCheck, IconHammer, IconList, IconListDetails, IconPackages, IconPlayerPause, IconSend } from '@tabler/icons-react';
import { Progress } from '@mantine/core';
import { post, type Row } from '@/api/client';
import { kind } from '@/app/registry';
import { formAction, simplePost } from '@/shared/actions';
import { defineResource, type TabProps } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { quantity } from '@/shared/format';
import { ResourceTable } from '@/shared/table/ResourceTable';
import { leavesDraft } from '../orders/order';
import { buildActions, HELD, outputActions, PENDING, PRODUCTION } from './allocate';

const status = (row: Row) => Number(row.status);
const url = (step: string) => (row: Row) => `/api/build/${row.pk}/${step}/`;

function Progressed({ row }: { row: Row }) {
  const share = Number(row.quantity) > 0 ? (100 * Number(row.completed)) / Number(row.quantity) : 0;
  return (
    <span style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
      <Progress value={share} w={80} size="sm" color={share >= 100 ? 'green' : 'blue'} aria-label={`${Math.round(share)} %`} />
      {quantity(row.completed)} / {quantity(row.quantity)}
    </span>
  );
}

/** What is being made: complete, scrap or remove it here. */
function Outputs({ row }: TabProps) {
  return (
    <ResourceTable
      model="stockitem"
      fixed={{ build: row.pk, is_building: true, in_stock: undefined }}
      hides={['part', 'part_detail.IPN', 'allocated', 'expiry_date']}
      overrides={{ actions: outputActions(row), initialFilters: {}, canDelete: false, canEdit: false, bulkEdit: [], empty: 'No outputs in production. Create one first.' }}
      canCreate={false}
    />
  );
}

const build = defineResource({
  kind: kind('build'),
  restores: { when: (row) => Number(row.status) === PENDING && Number(row.completed) === 0 },
  help: 'A build order builds a part from the components in its bill of materials. Allocate stock, build, and complete the outputs.',
  query: { part_detail: true, project_code_detail: true, user_detail: true },
  columns: [
    { name: 'reference', width: 120 },
    { name: 'part', width: 260, sort: 'part' },
    'title',
    'status',
    { name: 'completed', label: 'Progress', width: 200, align: 'left', sort: 'completed', render: (row) => <Progressed row={row} /> },
    'target_date',
    'priority',
    'responsible',
  ],
  filters: ['outstanding', 'overdue', 'status', 'assigned_to_me', 'part', 'project_code'],
  sort: '-reference',
  form: [
    'reference', { name: 'part', filters: () => ({ assembly: true, active: true }) }, 'quantity', 'title', 'batch', 'target_date', 'start_date', 'take_from',
    'destination', 'parent', 'sales_order', 'priority', 'project_code', 'responsible', 'issued_by', 'external', 'link', 'tags',
  ],
  panels: [
    { title: 'Build order', fields: ['reference', 'part', 'title', 'status', { name: 'completed', label: 'Progress', render: (row) => <Progressed row={row} /> }, 'batch', 'priority', 'parent', 'sales_order', 'external', 'link'] },
    { title: 'Places, dates, and people', fields: ['take_from', 'destination', 'creation_date', 'start_date', 'target_date', 'completion_date', 'issued_by', 'responsible', 'project_code'] },
  ],
  tabs: [
    { name: 'lines', label: 'Required parts', icon: IconList, content: ({ row }) => <ResourceTable model="buildline" fixed={{ build: row.pk }} /> },
    { name: 'allocations', label: 'Allocated stock', icon: IconBookmark, content: ({ row }) => <ResourceTable model="builditem" fixed={{ build: row.pk }} hides={['build']} /> },
    { name: 'outputs', label: 'Outputs in production', icon: IconHammer, content: Outputs },
    { name: 'completed', label: 'Completed outputs', icon: IconPackages, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ build: row.pk, is_building: false }} hides={['part']} canCreate={false} /> },
    { name: 'consumed', label: 'Consumed stock', icon: IconPackages, content: ({ row }) => <ResourceTable model="stockitem" fixed={{ consumed_by: row.pk, in_stock: undefined }} canCreate={false} /> },
    { name: 'children', label: 'Child builds', icon: IconBuildingFactory2, content: ({ row }) => <ResourceTable model="build" fixed={{ parent: row.pk }} /> },
    { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={build} row={row} /> },
  ],
  carries: ['parameters', 'attachments', 'notes'],
  badges: (row) => (row.overdue ? [{ label: 'Overdue', color: 'red' }] : []),
  actions: [
    simplePost({ name: 'issue', label: 'Start', icon: IconSend, isMain: true, url: url('issue'), when: (row) => [PENDING, HELD].includes(status(row)), done: 'Started', question: leavesDraft(status), isSaid: true, undo: (row) => (status(row) === HELD ? () => post(url('hold')(row)) : undefined) }),
    ...buildActions,
    formAction({
      name: 'finish',
      label: 'Complete the order',
      icon: IconCheck,
      needs: 'add',
      on: ['row'],
      isMain: true,
      when: ([row]) => status(row as Row) === PRODUCTION && Number(row?.completed) >= Number(row?.quantity),
      done: 'Completed',
      form: ([row]) => ({ url: `/api/build/${row?.pk}/finish/`, fields: ['accept_overallocated', 'accept_unallocated', 'accept_incomplete'] }),
    }),
    simplePost({ name: 'hold', label: 'Put on hold', icon: IconPlayerPause, url: url('hold'), when: (row) => [PENDING, PRODUCTION].includes(status(row)), done: 'On hold', question: leavesDraft(status), isSaid: true, undo: (row) => (status(row) === PRODUCTION ? () => post(url('issue')(row)) : undefined) }),
    formAction({
      name: 'cancel',
      label: 'Cancel the order',
      icon: IconBan,
      color: 'red',
      needs: 'add',
      on: ['row'],
      when: ([row]) => [PENDING, PRODUCTION, HELD].includes(status(row as Row)),
      done: 'Cancelled',
      form: ([row]) => ({ url: `/api/build/${row?.pk}/cancel/`, fields: ['remove_allocated_stock', 'remove_incomplete_outputs'], color: 'red' }),
    }),
  ],
  duplicate: (row) => ({
    ...Object.fromEntries(['part', 'quantity', 'title', 'take_from', 'destination', 'project_code', 'responsible'].map((name) => [name, row[name]])),
  }),
});

export default build;
