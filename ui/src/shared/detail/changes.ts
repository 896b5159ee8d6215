/** What the server has recorded of changes: names and values as people read them. */
import { kindOf } from '@/app/registry';
import type { Kind } from '../description';
import { humanize } from '../format';

export const CHANGES = '/api/audit/';

export interface Change {
  column: string;
  before: unknown;
  after: unknown;
  secret: boolean;
}

export interface Entry {
  pk: number;
  transaction: number;
  time: string;
  table: string;
  key: number;
  action: string;
  changes: Change[];
  kind: string;
  task: string | null;
  user: number | null;
  username: string | null;
  sign_in?: string | null;
  address?: string | null;
  method?: string | null;
  path?: string | null;
}

/** Kinds whose tables are called otherwise. */
const OTHERWISE: Record<string, string> = { customstatus: 'inventreecustomuserstatemodel' };
/** Kinds that have no log: logs themselves, and rows that follow from others. */
const WITHOUT = new Set(['barcodescanresult', 'owner', 'partstocktake', 'stockitemtracking']);

/** The name under which the log has a kind; none where it has none. */
export const tableOf = (kind: Kind): string | undefined => (WITHOUT.has(kind.model) ? undefined : (OTHERWISE[kind.model] ?? kind.model));

const modelOf = (table: string) => {
  const model = table.slice(table.indexOf('_') + 1);
  return Object.entries(OTHERWISE).find(([, name]) => name === model)?.[0] ?? model;
};

/** The kind of a changed row; none for rows without pages. */
export const kindOfTable = (table: string): Kind | undefined => kindOf(modelOf(table));

/** Rows that have no pages. */
const NAMES: Record<string, string> = {
  inventreesetting: 'Server setting',
  inventreeusersetting: 'User setting',
  userprofile: 'User profile',
  apitoken: 'API token',
  session: 'Session',
  ruleset: 'Permissions',
  user_groups: 'Group membership',
  attachment: 'Attachment',
  selectionlistentry: 'Choice',
  taggeditem: 'Tag on a record',
  partstar: 'Followed part',
  partcategorystar: 'Followed category',
  notificationmessage: 'Notification',
  machineconfig: 'Machine',
  machinesetting: 'Machine setting',
};

/** What rows of a table without pages are called. */
export const tableName = (table: string): string => NAMES[modelOf(table)] ?? humanize(modelOf(table));

/** Columns that follow from others. */
const FOLLOWS = /^(updated|updated_at|metadata|tree_path|tree_end|tree_id|level|lft|rght|serial_int|reference_int|serial_space|label_key|csrf|(completed_)?row_count_history|.*_hash)$/;
const isNothing = (value: unknown) => value === null || value === undefined || value === '' || value === '{}';

/** The changes to show: without columns that follow from others, and without what a new row was not given. */
export function shownChanges({ action, changes }: Pick<Entry, 'action' | 'changes'>): Change[] {
  const other = action === 'delete' ? 'before' : 'after';
  return changes.filter(
    (change) => !FOLLOWS.test(change.column) && (change.secret || (action === 'change' ? !isNothing(change.before) || !isNothing(change.after) : !isNothing(change[other]))),
  );
}
