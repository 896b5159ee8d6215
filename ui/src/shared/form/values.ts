/** Values of forms: where they begin, and what of them is sent. */
import type { Row } from '@/api/client';
import type { Field, Fields } from '@/api/options';
import type { FormField, FormFields } from '../description';

export type Values = Record<string, unknown>;

export interface ReadyField extends FormField {
  field: Field;
}

const NOT_TYPED = new Set(['nested object', 'field']);
const UNKNOWN: Field = { type: 'string', label: '', required: false, read_only: false };

/** The fields of a form: those that are named, or all that can be written. */
export function readyFields(fields: Fields, named: FormFields | undefined): ReadyField[] {
  if (!named) {
    return Object.entries(fields)
      .filter(([, field]) => !field.read_only && !NOT_TYPED.has(field.type))
      .map(([name, field]) => ({ name, field }));
  }
  return named.flatMap((entry): ReadyField[] => {
    const given: FormField = typeof entry === 'string' ? { name: entry } : entry;
    const described = fields[given.name];
    // what the server does not have (another version) is left out, unless it is described here
    if ((!described || described.read_only) && !given.field) return [];
    const field = { ...UNKNOWN, ...described, ...given.field };
    return [{ ...given, field }];
  });
}

export function initialValues(fields: ReadyField[], row: Row | Values | undefined): Values {
  const values: Values = {};
  for (const { name, field, initial } of fields) {
    const kept = row?.[name];
    const first = kept !== undefined ? kept : initial !== undefined ? initial : field.default;
    values[name] = first ?? (field.type === 'boolean' ? false : field.type === 'list' ? [] : null);
  }
  return values;
}

/** A text that was emptied is sent as an empty text, or null where the field is no text. */
function sent(value: unknown, field: Field): unknown {
  if (value === '' || value === undefined || value === null) {
    return ['string', 'url', 'email', 'markdown'].includes(field.type) ? '' : null;
  }
  return value;
}

/** What is sent: everything for a new row, what has changed for one that is there. */
export function payload(fields: ReadyField[], values: Values, first: Values, isNew: boolean): Values {
  const body: Values = {};
  for (const { name, field, when } of fields) {
    if (when && !when(values)) continue;
    const value = sent(values[name], field);
    if (isNew) {
      // what was left empty takes the server's default
      if (value === null || value === '') continue;
      body[name] = value;
    } else if (JSON.stringify(value) !== JSON.stringify(sent(first[name], field))) body[name] = value;
  }
  return body;
}

/** Files make a form of it, everything else stays JSON. */
export function withFiles(body: Values): Values | FormData {
  if (!Object.values(body).some((value) => value instanceof File)) return body;
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (value instanceof File) form.append(name, value);
    else if (Array.isArray(value)) value.forEach((entry) => form.append(name, String(entry)));
    else if (value !== null) form.append(name, String(value));
  }
  return form;
}
