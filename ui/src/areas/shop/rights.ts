/** Accounts for the shop floor: they take and bring back, and may do nothing else. */
import { get, patch, post, type Row } from '@/api/client';
import { mayDo, type User } from '@/app/session';
import { type Rule, RULES } from '../people/rights';

/** What such an account may do, by area; nothing elsewhere. Moving stock is a right to add, and whoever takes first gets a place. */
const RIGHTS: Record<string, { can_add?: boolean }> = {
  part: {},
  part_category: {},
  stock: { can_add: true },
  stock_location: { can_add: true },
};
const WRITING = ['add', 'change', 'delete'] as const;
/** Areas that such an account does not even see. */
const UNSEEN = ['build', 'purchase_order', 'sales_order', 'return_order', 'transfer_order'];

/** Whether an account is for the shop floor, as its rights say. */
export const isForShopFloor = (user: User): boolean =>
  !user.is_staff &&
  !user.is_superuser &&
  mayDo(user, 'stock', 'add') &&
  UNSEEN.every((role) => !mayDo(user, role, 'view')) &&
  ['part', 'part_category', 'bom'].every((role) => WRITING.every((verb) => !mayDo(user, role, verb)));

/** Makes a group with these rights. */
export async function makeShopFloorGroup(name: string): Promise<Row> {
  const group = await post<Row>('/api/user/group/', { name });
  const found = await get<Rule[] | { results: Rule[] }>(RULES, { group: group.pk });
  for (const rule of Array.isArray(found) ? found : found.results) {
    const rights = RIGHTS[rule.name];
    await patch(`${RULES}${rule.pk}/`, { can_view: rights !== undefined, can_add: rights?.can_add ?? false, can_change: false, can_delete: false });
  }
  return group;
}
