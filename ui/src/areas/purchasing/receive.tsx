/** Takes what has come of an order into stock. */
import { IconPackageImport } from '@tabler/icons-react';
import { page, post, type Row } from '@/api/client';
import { formAction } from '@/shared/actions';
import type { Action } from '@/shared/description';
import type { FormSpec } from '@/shared/form/Form';
import { HOLDS_STOCK } from '@/shared/form/FieldInput';
import { quantity } from '@/shared/format';
import type { Back } from '@/shared/undo';

const MOST = 500;
export const PLACED = 20;

export const openQuantity = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.received));

/** The form for lines of one order. */
export function receiveForm(order: number, lines: Row[]): Omit<FormSpec, 'title'> {
  return {
    url: `/api/order/po/${order}/receive/`,
    size: '90%',
    items: {
      name: 'items',
      rows: lines,
      label: (line) => String(line.internal_part_name ?? line.reference ?? line.pk),
      shown: [
        { label: 'SKU', render: (line) => String(line.sku ?? '–') },
        { label: 'Open', render: (line) => quantity(openQuantity(line)) },
      ],
      columns: [
        { name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: (line) => openQuantity(line), width: 90 },
        { name: 'location', field: { type: 'related field', label: 'Location', model: 'stocklocation' }, initial: (line) => line.destination, filters: () => HOLDS_STOCK, width: 190 },
        { name: 'batch_code', field: { type: 'string', label: 'Batch' }, width: 100 },
        { name: 'serial_numbers', field: { type: 'string', label: 'Serial numbers' }, width: 130 },
        { name: 'expiry_date', field: { type: 'date', label: 'Expiry date' }, width: 140 },
      ],
      toItem: (line, values) => ({ line_item: line.pk, ...values }),
    },
    fields: [{ name: 'location', filters: () => HOLDS_STOCK }],
  };
}

/** What was received goes again, where it is clear which of it came for which line. */
async function keepReceipt(rows: Row[], sent: Record<string, unknown>): Promise<(answer: unknown) => Promise<Back>> {
  const order = Number(rows[0]?.order ?? rows[0]?.pk);
  const wanted = new Set((sent.items as { line_item: number }[]).map(({ line_item }) => line_item));
  const { results } = await page('/api/order/po-line/', { order, limit: MOST });
  const lines = results.filter(({ pk }) => wanted.has(pk));
  const lineOf = new Map(lines.map((line) => [line.part, line.pk]));
  return async (answer) => {
    if (lineOf.size < wanted.size || !Array.isArray(answer) || answer.length === 0) return undefined;
    const items = (answer as Row[]).map(({ pk, supplier_part }) => ({ item: pk, line_item: lineOf.get(supplier_part) }));
    return () => post(`/api/order/po/${order}/undo-receive/`, { items });
  };
}

/** On an order: all its open lines. */
export const receiveAll: Action = formAction({
  name: 'receive',
  label: 'Receive',
  icon: IconPackageImport,
  needs: 'add',
  on: ['row'],
  isMain: true,
  when: ([order]) => Number(order?.status) === PLACED && Number(order?.line_items) > Number(order?.completed_lines),
  done: 'Received',
  keeps: keepReceipt,
  form: async ([order]) => {
    const { results } = await page('/api/order/po-line/', { order: order?.pk, received: false, limit: MOST });
    return receiveForm(order?.pk ?? 0, results.filter((line) => openQuantity(line) > 0));
  },
});

/** On lines. */
export const receiveLines: Action = formAction({
  name: 'receive',
  label: 'Receive',
  icon: IconPackageImport,
  needs: 'add',
  on: ['row', 'bulk'],
  isMain: true,
  when: (lines) => lines.every((line) => openQuantity(line) > 0 && line.order === lines[0]?.order),
  done: 'Received',
  keeps: keepReceipt,
  form: (lines) => receiveForm(Number(lines[0]?.order), lines),
});
