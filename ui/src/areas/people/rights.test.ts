import { describe, expect, it } from 'vitest';
import { differs, joined, type Rule, withRight } from './rights';

const none: Rule = { pk: 1, name: 'part', label: 'Parts', group: 1, can_view: false, can_add: false, can_change: false, can_delete: false };

describe('rights', () => {
  it('include what they need', () => {
    expect(withRight(none, 'delete', true)).toMatchObject({ can_view: true, can_change: true, can_delete: true, can_add: false });
    const all = withRight(withRight(none, 'delete', true), 'add', true);
    expect(withRight(all, 'view', false)).toEqual(none);
    expect(withRight(all, 'change', false)).toMatchObject({ can_view: true, can_add: true, can_delete: false });
  });
  it('of several groups add up', () => {
    const view = withRight(none, 'view', true);
    const add = { ...withRight(none, 'add', true), pk: 2, group: 2 };
    expect(joined([view, add])).toMatchObject([{ can_view: true, can_add: true, can_change: false }]);
    expect(differs(view, add)).toBe(true);
    expect(differs(view, { ...view, pk: 9 })).toBe(false);
  });
});
