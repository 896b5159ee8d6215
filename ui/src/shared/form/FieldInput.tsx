/** The input for a field, chosen by what the server says of it. */
import { Badge, FileInput, MultiSelect, PasswordInput, Select, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import type { Query, Row } from '@/api/client';
import type { Field } from '@/api/options';
import { english, translate, useTranslation } from '@/app/i18n';
import { RelatedInput } from '../RelatedInput';
import { countSerials } from '../serials';
import { saysMore } from './help';
import { TagInput } from './TagInput';

/** Companies that can be chosen in a field of this name. */
const COMPANY_ROLES: Record<string, Query> = { customer: { is_customer: true }, supplier: { is_supplier: true }, manufacturer: { is_manufacturer: true } };

/** A location that has to be named is where stock goes. */
export const HOLDS_STOCK: Query = { structural: false };

/** Longest text that gets a single line. */
const ONE_LINE = 260;

export interface FieldInputProps {
  name: string;
  field: Field;
  value: unknown;
  onChange: (value: unknown, row?: Row) => void;
  error?: React.ReactNode;
  filters?: Query | undefined;
  autoFocus?: boolean;
  /** Unit of a number or value, shown beside it. */
  unit?: string | undefined;
  /** Without a visible label, in tables. */
  isBare?: boolean;
}

const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));

export function FieldInput(props: FieldInputProps) {
  const { name, field, value, onChange, error, filters, autoFocus, isBare, unit } = props;
  const { t } = useTranslation();
  const label = translate(field.label || name);
  const common = {
    name,
    error,
    disabled: field.read_only,
    'data-autofocus': autoFocus || undefined,
    ...(isBare
      ? { 'aria-label': label }
      : {
          label,
          description: field.help_text && saysMore(field.help_text, english(field.label)) ? translate(field.help_text).replaceAll('`', '') : undefined,
          ...(field.type !== 'boolean' && { withAsterisk: field.required }),
        }),
    ...(isBare && { size: 'xs' }),
  };
  const beside = unit ? { rightSection: <Text size="xs" c="dimmed" truncate px={4}>{unit}</Text>, rightSectionWidth: Math.min(90, 20 + 7 * unit.length), rightSectionPointerEvents: 'none' as const } : {};
  switch (field.type) {
    case 'boolean': {
      // a switch has no mark of required fields
      const known: Omit<typeof common, 'withAsterisk'> & { withAsterisk?: boolean } = { ...common };
      delete known.withAsterisk;
      return (
        <Switch
          {...known}
          checked={Boolean(value)}
          onChange={(event) => onChange(event.currentTarget.checked)}
          mt={isBare ? 0 : 4}
        />
      );
    }
    case 'choice':
      return (
        <Select
          {...common}
          data={(field.choices ?? []).map((choice) => ({
            value: String(choice.value),
            label: translate(choice.display_name),
          }))}
          value={value === null || value === undefined ? null : String(value)}
          onChange={(chosen) => {
            const choice = field.choices?.find((choice) => String(choice.value) === chosen);
            onChange(choice ? choice.value : null);
          }}
          searchable={(field.choices?.length ?? 0) > 8}
          clearable={!field.required}
          allowDeselect={!field.required}
        />
      );
    case 'password':
      return (
        <PasswordInput
          {...common}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete={name.startsWith('current') ? 'current-password' : 'new-password'}
        />
      );
    case 'multiple choice':
      return (
        <MultiSelect
          {...common}
          data={(field.choices ?? []).map((choice) => ({ value: String(choice.value), label: translate(choice.display_name) }))}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(chosen) =>
            onChange((field.choices ?? []).filter((choice) => chosen.includes(String(choice.value))).map((choice) => choice.value))
          }
          searchable
          clearable
        />
      );
    case 'related field':
      if (field.api_url === undefined && !field.model) break;
      return (
        <RelatedInput
          {...common}
          required={field.required}
          model={field.model}
          api={field.api_url}
          keyField={field.pk_field ?? 'pk'}
          filters={{ ...(field.model === 'company' && COMPANY_ROLES[name]), ...(field.model === 'stocklocation' && field.required && HOLDS_STOCK), ...field.filters, ...filters }}
          value={value as number | string | null}
          onChange={onChange}
          autoFocus={autoFocus ?? false}
        />
      );
    case 'integer':
    case 'float':
    case 'decimal':
      // a text, so that no digit is lost on the way
      return (
        <TextInput
          {...common}
          inputMode={field.type === 'integer' ? 'numeric' : 'decimal'}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value.replace(',', '.'))}
          autoComplete="off"
          {...beside}
        />
      );
    case 'date':
      return (
        <TextInput {...common} type="date" value={text(value).slice(0, 10)} onChange={(event) => onChange(event.currentTarget.value || null)} />
      );
    case 'datetime':
      return (
        <TextInput
          {...common}
          type="datetime-local"
          value={text(value).replace(' ', 'T').slice(0, 16)}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
    case 'image upload':
    case 'file upload':
      return (
        <FileInput
          {...common}
          clearable
          accept={field.type === 'image upload' ? 'image/*' : undefined}
          placeholder={text(value).split('/').pop() || t('Choose a file')}
          value={value instanceof File ? value : null}
          onChange={onChange}
        />
      );
    case 'list':
      if (name === 'tags') break;
      return <TagsInput {...common} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    default:
      break;
  }
  if (name === 'tags') return <TagInput {...common} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
  const isSerials = /serial_numbers$/.test(name);
  const numbers = isSerials ? countSerials(text(value)) : undefined;
  if ((field.max_length ?? 0) > ONE_LINE && field.type === 'string' && !isSerials) {
    return (
      <Textarea {...common} {...beside} autosize minRows={2} maxRows={10} value={text(value)} onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <TextInput
      {...common}
      type={field.type === 'email' ? 'email' : 'text'}
      maxLength={field.max_length}
      value={text(value)}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      {...beside}
      {...(numbers && { rightSection: <Badge size="sm" variant="light" tt="none">{t('{{count}} numbers', { count: numbers })}</Badge>, rightSectionWidth: 104 })}
    />
  );
}
