/** What a group may do, area by area. */
import { get, type Query } from '@/api/client';

export const VERBS = ['view', 'add', 'change', 'delete'] as const;
export type RightVerb = (typeof VERBS)[number];

export interface Rule {
  pk: number;
  name: string;
  label: string;
  group: number;
  can_view: boolean;
  can_add: boolean;
  can_change: boolean;
  can_delete: boolean;
}

export const RULES = '/api/user/ruleset/';

async function rulesOf(query: Query): Promise<Rule[]> {
  const found = await get<Rule[] | { results: Rule[] }>(RULES, query);
  return Array.isArray(found) ? found : found.results;
}

export const rulesQuery = (group: number) => ({
  queryKey: ['rules', group],
  queryFn: async () => {
    // that of the shop floor is listed by name where it grants nothing yet
    const found = await Promise.all([rulesOf({ group }), rulesOf({ group, name: 'shop_floor' })]);
    return [...new Map(found.flat().map((rule) => [rule.pk, rule])).values()];
  },
});

export const has = (rule: Rule, verb: RightVerb) => rule[`can_${verb}`];

/** What follows from ticking or clearing one right: nobody changes what they may not view. */
export function withRight(rule: Rule, verb: RightVerb, isGiven: boolean): Rule {
  const next = { ...rule, [`can_${verb}`]: isGiven };
  if (isGiven && verb === 'delete') next.can_change = true;
  if (isGiven) next.can_view = true;
  if (!isGiven && verb === 'change') next.can_delete = false;
  if (!isGiven && verb === 'view') next.can_add = next.can_change = next.can_delete = false;
  return next;
}

export const differs = (a: Rule, b: Rule) => VERBS.some((verb) => has(a, verb) !== has(b, verb));

/** The rights of several groups together. */
export function joined(rules: Rule[]): Rule[] {
  const byName = new Map<string, Rule>();
  for (const rule of rules) {
    const kept = byName.get(rule.name);
    byName.set(
      rule.name,
      kept
        ? {
            ...kept,
            can_view: kept.can_view || rule.can_view,
            can_add: kept.can_add || rule.can_add,
            can_change: kept.can_change || rule.can_change,
            can_delete: kept.can_delete || rule.can_delete,
          }
        : rule,
    );
  }
  return [...byName.values()];
}
