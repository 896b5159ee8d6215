/** Numbers, dates and money as the user's language writes them. */
import i18next from 'i18next';

const language = () => i18next.resolvedLanguage ?? i18next.language ?? 'en';
const cache = new Map<string, Intl.NumberFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language() + JSON.stringify(options);
  let format = cache.get(key);
  if (!format) cache.set(key, (format = new Intl.NumberFormat(language(), options)));
  return format;
}

const isNumber = (value: unknown): value is number | string =>
  (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) && Number.isFinite(Number(value));

export function quantity(value: unknown, units?: unknown): string {
  if (!isNumber(value)) return '–';
  const text = numbers({ maximumFractionDigits: 5 }).format(Number(value));
  return units ? `${text} ${String(units)}` : text;
}

export function money(value: unknown, currency: unknown, precision?: number): string {
  if (!isNumber(value)) return '–';
  const amount = Number(value);
  const digits = precision ?? (Math.abs(amount) < 1 && amount !== 0 ? 6 : 4);
  try {
    return numbers({
      style: 'currency',
      currency: String(currency || 'USD'),
      minimumFractionDigits: 2,
      maximumFractionDigits: digits,
    }).format(amount);
  } catch {
    return `${amount} ${String(currency)}`;
  }
}

/** Digits of a price that was worked out. */
const SIGNIFICANT = 4;
const MOST_DIGITS = 6;

/** A price that was worked out: with as many digits as say something. */
export function price(value: unknown, currency: unknown): string {
  const amount = Math.abs(Number(value));
  const before = amount > 0 ? Math.floor(Math.log10(amount)) + 1 : 1;
  return money(value, currency, Math.min(MOST_DIGITS, Math.max(2, SIGNIFICANT - before)));
}

export function date(value: unknown): string {
  if (typeof value !== 'string' || !value) return '–';
  const [year, month, day] = value.slice(0, 10).split('-').map(Number);
  const moment = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1);
  if (Number.isNaN(moment.getTime())) return value;
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium' }).format(moment);
}

export function dateTime(value: unknown): string {
  if (typeof value !== 'string' || !value) return '–';
  const moment = new Date(value.includes('T') ? value : `${value.replace(' ', 'T')}Z`);
  if (Number.isNaN(moment.getTime())) return value;
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
}

/** A month, short: "Aug 26". */
export const monthName = (moment: Date) => new Intl.DateTimeFormat(language(), { month: 'short', year: '2-digit' }).format(moment);

/** `sub_part_active` -> `Sub part active`. */
export function humanize(name: string): string {
  const words = name.replace(/_/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The value behind a path through nested rows: `part_detail.name`. */
export function valueAt(row: unknown, path: string): unknown {
  let value = row;
  for (const step of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Days until a date; negative after it. */
export function daysUntil(value: unknown): number | null {
  if (typeof value !== 'string' || !value) return null;
  const [year, month, day] = value.slice(0, 10).split('-').map(Number);
  const today = new Date();
  const then = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1);
  return Math.round((then - Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())) / 86_400_000);
}
