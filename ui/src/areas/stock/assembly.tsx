/** Items inside of others: installed, taken out, taken apart; and what comes back, with its condition. */
import { IconCornerUpLeft, IconHammer, IconPackageExport, IconPackageImport } from '@tabler/icons-react';
import { get, page, type Row } from '@/api/client';
import type { State } from '@/api/states';
import { kind } from '@/app/registry';
import { formAction } from '@/shared/actions';
import type { Action } from '@/shared/description';
import { HOLDS_STOCK } from '@/shared/form/FieldInput';
import { quantity } from '@/shared/format';
import { keepInstall, undoReturn, undoUninstall } from './undo';

const LINES = 500;
/** Built devices are mostly taken apart one at a time. */
const ONE = 1;

type Part = { assembly?: boolean } | null | undefined;
const isThere = (row: Row | undefined) => row !== undefined && row.in_stock !== false;
const isAssembly = (row: Row | undefined) => Boolean((row?.part_detail as Part)?.assembly);

/** Conditions as choices. */
export async function conditions() {
  const { StockStatus } = await get<Record<string, { values: Record<string, State> }>>('/api/generic/status/');
  return Object.values(StockStatus?.values ?? {}).map(({ key, label }) => ({ value: key, display_name: label }));
}

export const assemblyActions: Action[] = [
  formAction({
    name: 'install',
    label: 'Install an item',
    icon: IconPackageImport,
    needs: 'change',
    on: ['row'],
    when: ([row]) => isThere(row) && isAssembly(row) && Number(row?.quantity) === 1,
    done: 'Installed',
    keeps: keepInstall,
    form: ([row]) => ({
      url: `/api/stock/${row?.pk}/install/`,
      fields: [{ name: 'stock_item', filters: () => ({ in_stock: true, available: true }) }, 'quantity', 'note'],
      initial: { quantity: 1 },
    }),
  }),
  formAction({
    name: 'uninstall',
    label: 'Uninstall',
    icon: IconPackageExport,
    needs: 'change',
    on: ['row'],
    isMain: true,
    when: ([row]) => Boolean(row?.belongs_to),
    done: 'Uninstalled',
    undo: undoUninstall,
    form: ([row]) => ({ url: `/api/stock/${row?.pk}/uninstall/`, fields: ['location', 'note'] }),
  }),
  formAction({
    name: 'disassemble',
    label: 'Disassemble',
    icon: IconHammer,
    needs: 'change',
    on: ['row'],
    when: ([row]) => isThere(row) && isAssembly(row),
    done: 'Disassembled',
    form: async ([row]) => {
      const { results } = await page('/api/bom/', { part: Number(row?.part), sub_part_detail: true, limit: LINES });
      const times = row?.serial ? ONE : Number(row?.quantity ?? ONE);
      return {
        url: `/api/stock/${row?.pk}/disassemble/`,
        initial: { quantity: times, location: row?.location },
        fields: ['quantity', { name: 'location', filters: () => HOLDS_STOCK }, 'notes'],
        items: {
          name: 'items',
          rows: results,
          label: (line: Row) => kind('bomitem').title(line),
          shown: [{ label: 'Per item', render: (line: Row) => quantity(line.quantity) }],
          columns: [{ name: 'quantity', field: { type: 'decimal', label: 'Quantity recovered', required: true }, initial: (line: Row) => Number(line.quantity) * times }],
          toItem: (line: Row, values: Record<string, unknown>) => ({ bom_item: line.pk, quantity: values.quantity }),
        },
      };
    },
  }),
  formAction({
    name: 'return',
    label: 'Return to stock',
    icon: IconCornerUpLeft,
    needs: 'add',
    on: ['row', 'bulk'],
    when: (rows) => rows.every((row) => row.customer || row.belongs_to || row.consumed_by || row.sales_order),
    done: 'Returned to stock',
    undo: undoReturn,
    form: async (rows) => ({
      url: '/api/stock/return/',
      items: {
        name: 'items',
        rows,
        scans: 'stockitem',
        label: (row: Row) => kind('stockitem').title(row),
        columns: [
          { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: (row: Row) => row.quantity },
          { name: 'status', field: { type: 'choice', label: 'Condition', required: false, choices: await conditions() }, initial: (row: Row) => row.status_custom_key ?? row.status },
        ],
      },
      fields: ['location', 'merge', 'notes'],
    }),
  }),
];
