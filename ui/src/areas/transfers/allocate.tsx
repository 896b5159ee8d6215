/** Sets stock aside for the lines of a transfer order. */
import type { Row } from '@/api/client';
import type { FormSpec } from '@/shared/form/Form';
import { keepAllocations, linesToAllocate } from '../orders/allocation';

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated ?? 0) - Number(line.transferred ?? 0));

export const allocateForm = (order: number, lines: Row[]): Omit<FormSpec, 'title'> => ({
  url: `/api/order/transfer-order/${order}/allocate/`,
  items: linesToAllocate(lines, {
    model: 'transferorderlineitem',
    line: 'line_item',
    missing,
    filters: (line) => ({ part: Number(line.part), in_stock: true, available: true }),
  }),
  fields: [],
});

const API = '/api/order/transfer-order-allocation/';
export const keepsOrder = keepAllocations(API, 'order', (order) => order.pk);
export const keepsLine = keepAllocations(API, 'order', (line) => line.order);
