/** Serial numbers in forms: the next one, and how many a text stands for. */
import { get } from '@/api/client';
import { translate } from '@/app/i18n';
import type { FormField } from './description';

const RANGE = /^(\d+)-(\d+)$/;
const COUNTED = /^(\d+)\+(\d+)$/;

/** How many numbers a text such as `1-10, 15, 20+3` stands for; nothing where that is not certain. */
export function countSerials(text: string): number | undefined {
  let count = 0;
  for (const piece of text.split(/[,\s]+/).filter(Boolean)) {
    const range = RANGE.exec(piece);
    const more = COUNTED.exec(piece);
    if (range) {
      const size = Number(range[2]) - Number(range[1]) + 1;
      if (size < 1) return undefined;
      count += size;
    } else if (more) count += Number(more[2]) + 1;
    else if (/[-+~]/.test(piece)) return undefined;
    else count += 1;
  }
  return count > 0 ? count : undefined;
}

/** The field for serial numbers of a part, which says the next one. */
export async function serialField(part: unknown): Promise<FormField> {
  const { next } = await get<{ next?: string | null }>(`/api/part/${Number(part)}/serial-numbers/`);
  return { name: 'serial_numbers', ...(next && { field: { help_text: translate('For example, "1-10, 15". The next serial number is {{number}}.', { number: next }) } }) };
}
