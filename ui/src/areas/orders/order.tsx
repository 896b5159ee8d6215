/** What the kinds of orders share: their moves between states, their forms and tabs. */
import { IconBan, IconCheck, IconListDetails, IconPlayerPause, IconSend } from '@tabler/icons-react';
import { post, type Row } from '@/api/client';
import type { components } from '@/api/schema';
import { kind as kindNamed } from '@/app/registry';
import { simplePost } from '@/shared/actions';
import { type Action, type Column, defineResource, type FormFields, type Resource, type Tab } from '@/shared/description';
import { Panels } from '@/shared/detail/Panels';
import { putBack } from '@/shared/undo';

/** States that orders of all kinds have. */
export const PENDING = 10;
export const HELD = 25;

/** Lines of a purchase order take their price, and are not added to others. */
export const AS_GIVEN = { auto_pricing: false, merge_items: false };

export const lineCount = (row: Row) => `${String(row.completed_lines ?? 0)} / ${String(row.line_items ?? 0)}`;

interface Options {
  model: string;
  /** Field with the company, or what stands in its place. */
  partner: string[];
  /** States in which it is worked on. */
  open: number[];
  issue?: string;
  /** Body of the request that completes it. */
  complete?: { label: string; question: string; body?: Record<string, unknown>; when?: (row: Row) => boolean };
  columns?: Column[];
  form?: FormFields;
  fields?: Column[];
  query?: Resource['query'];
  tabs: Tab[];
  actions?: Action[];
  help?: string;
  /** Lists of its lines: with them, a draft can be made again. */
  lines: { api: string; by: string; fixed?: Record<string, unknown> }[];
}

/** A draft that goes on does not become one again. */
export const leavesDraft = (status: (row: Row) => number) => (row: Row) => (status(row) === PENDING ? 'It can be put on hold and issued at any time, but it will not become a draft again.' : undefined);

/** The buttons for the next step of an order. */
export function moves(api: string, { open, issue, complete }: Pick<Options, 'open' | 'issue' | 'complete'>): Action[] {
  const url = (step: string) => (row: Row) => `${api}${row.pk}/${step}/`;
  const status = (row: Row) => Number(row.status);
  const isOpen = (row: Row) => open.includes(status(row));
  const step = (row: Row, name: string, dated: string[] = []) => async () => {
    await post(url(name)(row));
    // the day of the first time, where it can be given
    if (dated.length > 0) await putBack(api, row, dated)().catch(() => {});
  };
  return [
    simplePost({ name: 'issue', label: issue ?? 'Issue', icon: IconSend, isMain: true, url: url('issue'), when: (row) => [PENDING, HELD].includes(status(row)), done: 'Issued', question: leavesDraft(status), isSaid: true, undo: (row) => (status(row) === HELD ? step(row, 'hold') : undefined) }),
    simplePost({
      name: 'complete',
      label: complete?.label ?? 'Complete',
      icon: IconCheck,
      isMain: true,
      url: url('complete'),
      body: () => complete?.body ?? {},
      question: complete?.question ?? 'Complete this order?',
      color: 'green',
      when: (row) => isOpen(row) && (complete?.when?.(row) ?? true),
      done: 'Completed',
    }),
    simplePost({ name: 'hold', label: 'Put on hold', icon: IconPlayerPause, url: url('hold'), when: (row) => status(row) === PENDING || isOpen(row), done: 'On hold', question: leavesDraft(status), isSaid: true, undo: (row) => (isOpen(row) ? step(row, 'issue', ['issue_date']) : undefined) }),
    simplePost({ name: 'cancel', label: 'Cancel the order', icon: IconBan, color: 'red', url: url('cancel'), question: 'Cancel this order? It cannot be reopened.', isSaid: true, when: (row) => [PENDING, HELD].includes(status(row)) || isOpen(row), done: 'Cancelled' }),
  ];
}

export function orderResource(options: Options): Resource {
  const kind = kindNamed(options.model);
  const { partner, fields = [], form = [] } = options;
  // those of the company that the order is with
  const company = partner.find((name) => name === 'supplier' || name === 'customer') ?? '';
  const ofPartner = (name: string) => ({ name, filters: (values: Record<string, unknown>) => ({ company: (values[company] as number | null) ?? undefined }) });
  const resource: Resource = defineResource({
    kind,
    ...(options.help && { help: options.help }),
    restores: { when: (row) => Number(row.status) === PENDING, with: options.lines },
    query: { project_code_detail: true, responsible_detail: true, contact_detail: true, ...options.query },
    columns: options.columns ?? [
      { name: 'reference', width: 120 },
      ...partner,
      'description',
      'status',
      { name: 'line_items', label: 'Lines', sort: 'line_items', align: 'right', render: lineCount },
      'target_date',
      'responsible',
      'total_price',
    ],
    filters: ['outstanding', 'overdue', 'status', 'assigned_to_me', ...partner, 'project_code'],
    sort: '-reference',
    form: ['reference', ...partner, 'description', 'target_date', 'start_date', ...form, 'project_code', 'responsible', ofPartner('contact'), ofPartner('address'), 'link', 'tags'],
    panels: [
      { title: 'Order', fields: ['reference', ...partner, 'description', 'status', { name: 'line_items', label: 'Lines', render: lineCount }, ...fields, 'link'] },
      { title: 'Dates and people', fields: ['creation_date', 'issue_date', 'start_date', 'target_date', 'complete_date', 'created_by', 'responsible', 'project_code', 'contact'] },
    ],
    tabs: [...options.tabs, { name: 'details', label: 'Details', icon: IconListDetails, content: ({ row }) => <Panels resource={resource} row={row} /> }],
    carries: ['parameters', 'attachments', 'notes'],
    badges: (row) => (row.overdue ? [{ label: 'Overdue', color: 'red' }] : []),
    actions: [...(options.actions ?? []), ...moves(kind.api, options)],
    duplicate: (row) => ({
      ...Object.fromEntries(
        [...partner, 'description', 'project_code', 'responsible', 'contact', 'link'].map((name) => [name, row[name]]),
      ),
      duplicate: { original: row.pk, copy_lines: true, copy_extra_lines: true } satisfies components['schemas']['PurchaseOrderDuplicateOptions'],
    }),
  });
  return resource;
}
