/** Settings of the server and of users: what they are, and how they are grouped. */
import { queryOptions } from '@tanstack/react-query';
import { get } from '@/api/client';

export interface Setting {
  pk: number;
  key: string;
  value: string | number | boolean | null;
  name: string;
  description: string;
  type: string;
  units: string;
  choices: { value: string | number; display_name: string }[];
  model_name: string | null;
  api_url: string | null;
  confirm: boolean;
  confirm_text: string;
  read_only?: boolean;
}

export type Scope = 'global' | 'user';
export const addressOf = (scope: Scope) => `/api/settings/${scope}/`;

export const settingsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['settings', scope],
    queryFn: async ({ signal }) => {
      const found = await get<Setting[] | { results: Setting[] }>(addressOf(scope), {}, signal);
      return Array.isArray(found) ? found : found.results;
    },
  });

/** Groups by the beginning of the key; the first that fits. */
const GROUPS: [string, RegExp][] = [
  ['Search', /^SEARCH_/],
  ['Notifications', /^NOTIFICATION/],
  ['Sign-in and accounts', /^(LOGIN|SSO|SIGNUP|ENABLE_(SSO|SIGN|REGISTRATION|MFA|PASSWORD)|ENFORCE)/],
  ['Currencies and prices', /^(CURRENCY|PRICING)/],
  ['Parts', /^(PART|PARAMETER|TEST)/],
  ['Stocktake', /^STOCKTAKE/],
  ['Stock', /^(STOCK|SERIAL)/],
  ['Builds', /^BUILDORDER/],
  ['Purchasing', /^PURCHASEORDER/],
  ['Sales', /^SALESORDER/],
  ['Returns', /^RETURNORDER/],
  ['Transfers', /^TRANSFERORDER/],
  ['Barcodes', /^BARCODE/],
  ['Labels and reports', /^(REPORT|LABEL)/],
  ['Display', /^(DISPLAY|DATE|ICONS|STICKY|SHOW|USE_TABLE|FORMS|ENABLE_(PREVIEW|LAST)|CALENDAR|WEEK)/],
  ['Plugins and machines', /^(PLUGIN|MACHINE|ENABLE_PLUGINS)/],
];

export const groupOf = (key: string): string => GROUPS.find(([, pattern]) => pattern.test(key))?.[0] ?? 'Server';

/** Settings that have all of these words in their name, description or key. */
export function found(settings: Setting[], search: string): Setting[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((setting) => {
    const text = `${setting.name} ${setting.description} ${setting.key} ${groupOf(setting.key)}`.toLowerCase();
    return words.every((word) => text.includes(word) || text.replace(/_/g, ' ').includes(word));
  });
}

/** Groups with their settings, in the order of their names; that of the server itself comes first. */
export function grouped(settings: Setting[]): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const name = groupOf(setting.key);
    groups.set(name, [...(groups.get(name) ?? []), setting]);
  }
  return [...groups].sort(([a], [b]) => Number(b === 'Server') - Number(a === 'Server') || a.localeCompare(b));
}
