/** Rights of the shop floor: to take, use up, and bring back, and nothing else. */
import { get, patch, post, type Row } from '@/api/client';
import { mayDo, type User } from '@/app/session';
import type { Verb } from '@/shared/description';
import { type Rule, RULES } from '../people/rights';

export const ROLE = 'shop_floor';
/** Who may add stock items may do all of it. */
export const NEEDS: [string, Verb][] = [
  [ROLE, 'add'],
  ['stock', 'add'],
];
const GIVEN = { can_view: true, can_add: true, can_change: false, can_delete: true };
const WRITING = ['add', 'change', 'delete'] as const;
/** Areas that an account for the shop floor does not even see. */
const UNSEEN = ['build', 'purchase_order', 'sales_order', 'return_order', 'transfer_order'];

export const mayUseUp = (user: User): boolean => mayDo(user, ROLE, 'delete') || mayDo(user, 'stock', 'add');
/** Whether returned items may go elsewhere than to where they were taken from. */
export const mayChoosePlace = (user: User): boolean => mayDo(user, ROLE, 'change') || mayDo(user, 'stock', 'add');

/** Whether an account is for the shop floor, as its rights say. */
export const isForShopFloor = (user: User): boolean =>
  !user.is_staff &&
  !user.is_superuser &&
  NEEDS.some(([role, verb]) => mayDo(user, role, verb)) &&
  UNSEEN.every((role) => !mayDo(user, role, 'view')) &&
  ['part', 'part_category', 'bom'].every((role) => WRITING.every((verb) => !mayDo(user, role, verb)));

/** Makes a group with these rights. */
export async function makeShopFloorGroup(name: string): Promise<Row> {
  const group = await post<Row>('/api/user/group/', { name });
  const found = await get<Rule[] | { results: Rule[] }>(RULES, { group: group.pk, name: ROLE });
  for (const rule of Array.isArray(found) ? found : found.results) await patch(`${RULES}${rule.pk}/`, GIVEN);
  return group;
}
