/** Buys what is missing: lines in orders of the suppliers that are not placed yet, or in new ones. */
import { IconShoppingCart } from '@tabler/icons-react';
import { ApiError, call, get, page, post, remove, type Row } from '@/api/client';
import type { Metadata } from '@/api/options';
import { translate } from '@/app/i18n';
import { kind, linkTo } from '@/app/registry';
import type { Action, Context } from '@/shared/description';
import { type FormSpec, openForm } from '@/shared/form/Form';
import type { Values } from '@/shared/form/values';
import { quantity } from '@/shared/format';
import { succeeded } from '@/shared/notify';

const ORDERS = '/api/order/po/';
const LINES = '/api/order/po-line/';
const SUPPLIER_PARTS = '/api/company/part/';
const PENDING = 10;

/** A part that is needed: the row that needs it, and how many. */
export interface Need {
  row: Row;
  part: number;
  label: string;
  missing: number;
}
interface Wanted extends Values {
  part: number;
  quantity: string | number;
}

/** Whole packs that hold at least this many. */
export function packs(missing: number, supplierPart: Row | undefined): number {
  const each = Number(supplierPart?.pack_quantity_native) || 1;
  return Math.max(1, Math.ceil(missing / each));
}

async function orderOf(supplier: number, reuses: boolean, made: string[]): Promise<number> {
  if (reuses) {
    const { results } = await page(ORDERS, { supplier, status: PENDING, limit: 1, ordering: '-creation_date' });
    if (results[0]) return results[0].pk;
  }
  const { actions } = await call<Metadata>('OPTIONS', ORDERS);
  const order = await post<Row>(ORDERS, { supplier, reference: actions?.POST?.reference?.default });
  made.push(`${ORDERS}${order.pk}/`);
  return order.pk;
}

const takeBack = async (made: string[]) => {
  for (const address of [...made].reverse()) await remove(address);
};

/** Writes the lines, all or none; gives the orders and what takes them back. */
async function order(items: Wanted[], reuses: boolean): Promise<{ orders: number[]; made: string[] }> {
  const made: string[] = [];
  const orders = new Map<number, number>();
  for (const [index, { part, quantity }] of items.entries()) {
    try {
      const { supplier } = await get<Row & { supplier: number }>(`${SUPPLIER_PARTS}${part}/`);
      if (!orders.has(supplier)) orders.set(supplier, await orderOf(supplier, reuses, made));
      const line = await post<Row>(LINES, { order: orders.get(supplier), part, quantity });
      made.push(`${LINES}${line.pk}/`);
    } catch (error) {
      await takeBack(made);
      if (!(error instanceof ApiError)) throw error;
      const fields = Object.entries(error.fields).map(([name, texts]) => [`items.${index}.${name}`, texts]);
      throw new ApiError(error.status, error.message, Object.fromEntries(fields) as Record<string, string[]>);
    }
  }
  return { orders: [...orders.values()], made };
}

async function form(title: string, needs: Need[], context: Context): Promise<FormSpec> {
  const found = await Promise.all(
    needs.map(({ part }) => page(SUPPLIER_PARTS, { part, active: true, ordering: '-primary', limit: 1 }).then(({ results }) => results[0])),
  );
  const of = new Map(needs.map((need, at) => [need.row.pk, { need, supplierPart: found[at] }]));
  const packsOf = ({ pk }: Row) => {
    const entry = of.get(pk);
    return entry && packs(entry.need.missing, entry.supplierPart);
  };
  return {
    title: translate(title),
    submit: translate('Add to orders'),
    url: ORDERS,
    intro: needs.length === 0 ? translate('No purchaseable parts are missing.') : undefined,
    items: {
      name: 'items',
      rows: needs.map(({ row }) => row),
      label: (row) => of.get(row.pk)?.need.label,
      shown: [{ label: 'Missing', render: (row) => quantity(of.get(row.pk)?.need.missing) }],
      columns: [
        {
          name: 'part',
          field: { type: 'related field', label: 'Supplier part', model: 'supplierpart', required: true },
          filters: (row) => ({ part: of.get(row.pk)?.need.part, active: true }),
          initial: (row) => of.get(row.pk)?.supplierPart?.pk,
          width: 260,
        },
        { name: 'quantity', field: { type: 'decimal', label: 'Packs', required: true }, initial: packsOf, width: 90 },
      ],
      toItem: (_, values) => values,
    },
    fields: [{ name: 'reuses', initial: true, field: { type: 'boolean', label: 'Use orders that have not been issued yet', required: false, read_only: false } }],
    send: async ({ items, reuses }) => {
      const { orders, made } = await order(items as Wanted[], reuses !== false);
      await context.refresh();
      succeeded(translate('{{count}} lines added to orders', { count: (items as Wanted[]).length }), () => takeBack(made).then(context.refresh));
      const [only] = orders;
      context.go(orders.length === 1 && only ? linkTo(kind('purchaseorder'), only) : '/purchase-orders');
    },
  };
}

/** The action, where rows tell what is needed of which part. */
export const buyAction = (options: Pick<Action, 'on' | 'when' | 'label'> & { needs: (rows: Row[]) => Need[] | Promise<Need[]> }): Action => {
  const { needs, ...action } = options;
  return {
    ...action,
    name: 'buy',
    icon: IconShoppingCart,
    role: 'purchase_order',
    needs: 'add',
    run: async (rows, context) => openForm(await form(action.label, await needs(rows), context)),
  };
};
