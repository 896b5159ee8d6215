/** How values of fields are shown, in tables and on detail pages. Tables have hundreds, so most are plain elements. */
import { Anchor, Badge, Code, Group } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { CSSProperties, ReactNode } from 'react';
import { at, get, type Row } from '@/api/client';
import type { Field } from '@/api/options';
import { colorOf, useKnownState } from '@/api/states';
import { stateText, translate } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { useMay } from '@/app/session';
import type { Kind } from './description';
import * as format from './format';
import { PartPrice } from './PartPrice';
import { RecordLink } from './RecordLink';
import classes from './values.module.css';

export function StateBadge({ states, value, text }: { states?: string | undefined; value: unknown; text?: unknown }) {
  const state = useKnownState(states, value);
  const label = typeof text === 'string' && text ? text : (state?.label ?? String(value ?? '–'));
  const color = colorOf(state);
  const colors = { '--state-back': `var(--mantine-color-${color}-light)`, '--state-dark': `var(--mantine-color-${color}-9)`, '--state-light': `var(--mantine-color-${color}-2)` };
  return (
    <span className={classes.state} style={colors as CSSProperties}>
      {stateText(label)}
    </span>
  );
}

export const Nothing = () => <span className={classes.nothing} data-nothing>–</span>;

/** A path, of which the end is seen where there is no room for all. */
export const Path = ({ children }: { children: ReactNode }) => (
  <span className={classes.path}>
    <bdi>{children}</bdi>
  </span>
);
/** Kinds of records that stand below each other, and are called by their paths. */
const IN_TREES = new Set(['stocklocation', 'partcategory']);

export function YesNo({ value }: { value: unknown }) {
  return value ? (
    <IconCheck size={16} color="var(--mantine-color-green-7)" role="img" aria-label={translate('Yes')} />
  ) : (
    <IconMinus size={16} color="var(--mantine-color-dimmed)" role="img" aria-label={translate('No')} data-nothing />
  );
}

/** Whether a record has a picture; the server names a blank one where it has none. */
export const hasPicture = (src: unknown): src is string =>
  typeof src === 'string' && src !== '' && !src.includes('blank_image');

/** A picture of a record, small. */
export function Thumbnail({ src, size = 28 }: { src: unknown; size?: number }) {
  if (!hasPicture(src)) return null;
  return (
    <img
      src={src.startsWith('http') ? src : at(src)}
      alt=""
      width={size}
      height={size}
      loading="lazy"
      style={{ objectFit: 'contain', borderRadius: 4, flex: 'none' }}
    />
  );
}

/** The row that a link leads to, where the answer has it: `part` -> `part_detail`. */
function related(row: Row, name: string): Row | undefined {
  const detail = row[`${name}_detail`] ?? row[`${name}_details`];
  return detail && typeof detail === 'object' ? (detail as Row) : undefined;
}

const MINUTES = 5 * 60_000;

/** The name of a row of which only the key is there. */
export function Named({ kind, pk }: { kind: Kind; pk: number | string }) {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['choice', kind.api, 'pk', pk],
    queryFn: ({ signal }) => get<Row>(`${kind.api}${pk}/`, kind.query ?? {}, signal),
    enabled: may(kind, 'view'),
    staleTime: MINUTES,
    retry: false,
  });
  return <>{data ? kind.title(data) : `#${pk}`}</>;
}

function Related({ field, name, row, value }: { field: Field; name: string; row: Row; value: unknown }) {
  const kind = kindOf(field.model);
  const detail = related(row, name);
  const rows = Array.isArray(value) ? value : [value];
  if (rows.length > 1 || typeof rows[0] === 'object') return rows.length;
  let text: ReactNode = kind && !detail ? <Named kind={kind} pk={value as number} /> : `#${String(value)}`;
  if (detail && kind) text = kind.title(detail);
  else if (detail) text = String(detail.name ?? detail.username ?? detail.reference ?? `#${String(value)}`);
  else if (typeof row[`${name}_name`] === 'string') text = row[`${name}_name`] as string;
  else if (typeof row[`${name}_reference`] === 'string') text = row[`${name}_reference`] as string;
  const shown = (
    <span className={classes.related}>
      {detail && kind?.image && <Thumbnail src={kind.image(detail)} size={24} />}
      {IN_TREES.has(kind?.model ?? '') ? <Path>{text}</Path> : <span className={classes.name}>{text}</span>}
    </span>
  );
  if (!kind) return shown;
  return (
    <RecordLink model={kind.model} pk={value as number}>
      {shown}
    </RecordLink>
  );
}

export function currencyOf(row: Row, name: string): unknown {
  return row[`${name}_currency`] ?? row.currency ?? row.order_currency ?? row.price_currency ?? row.purchase_price_currency ?? row.sale_price_currency;
}

/** Prices of parts, which the server works out in one currency. */
const WORKED_OUT = /(^|\.)pricing_(min|max)(_total)?$/;
const MONEY = /(^|_)(price|cost|total_price|min|max)(_|$)/;

/** Shows the value of a field. `states` names the states of the row's kind. */
export function showValue(field: Field | undefined, name: string, row: Row, states?: string): ReactNode {
  const value = format.valueAt(row, name);
  if (name === 'status' || name === 'status_custom_key') {
    const own = name.includes('.') ? undefined : (row.status_custom_key ?? row.status);
    return <StateBadge states={states} value={own ?? value} text={row.status_text} />;
  }
  if (value === null || value === undefined || value === '') return <Nothing />;
  // a key that the server does not describe as one, beside the row that it names
  if (field && field.type !== 'related field' && typeof value === 'number' && kindOf(name) && related(row, name)) {
    return <Related field={{ ...field, model: name }} name={name} row={row} value={value} />;
  }
  if (name === 'pathstring') return <Path>{String(value)}</Path>;
  if (WORKED_OUT.test(name)) return <PartPrice part={row.sub_part ?? row.part ?? row.pk} value={value} />;
  switch (field?.type) {
    case 'boolean':
      return <YesNo value={value} />;
    case 'date':
      return format.date(value);
    case 'datetime':
      return format.dateTime(value);
    case 'related field':
      return <Related field={field} name={name} row={row} value={value} />;
    case 'image upload':
      return <Thumbnail src={row.thumbnail ?? value} />;
    case 'file upload':
      return (
        <Anchor href={at(String(value))} target="_blank" size="sm" onClick={(event) => event.stopPropagation()}>
          {String(value).split('/').pop()}
        </Anchor>
      );
    case 'url':
      return (
        <Anchor
          href={String(value)}
          target="_blank"
          rel="noreferrer"
          size="sm"
          onClick={(event) => event.stopPropagation()}
        >
          {String(value).replace(/^https?:\/\//, '')}
        </Anchor>
      );
    case 'email':
      return (
        <Anchor href={`mailto:${String(value)}`} size="sm">
          {String(value)}
        </Anchor>
      );
    case 'choice': {
      const choice = field.choices?.find((choice) => choice.value === value);
      return translate(choice?.display_name ?? String(value));
    }
    case 'decimal':
    case 'float':
    case 'integer': {
      if (MONEY.test(name) && currencyOf(row, name)) return format.money(value, currencyOf(row, name));
      return format.quantity(value);
    }
    default:
      break;
  }
  if (typeof value === 'boolean') return <YesNo value={value} />;
  if (typeof value === 'number') return format.quantity(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return <Nothing />;
    if (value.every((entry) => typeof entry === 'string')) {
      return (
        <Group gap={4}>
          {value.map((entry) => (
            <Badge key={entry} size="sm" variant="default" tt="none" radius="sm">
              {entry}
            </Badge>
          ))}
        </Group>
      );
    }
    return format.quantity(value.length);
  }
  if (typeof value === 'object') return <Code>{JSON.stringify(value)}</Code>;
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return format.dateTime(value);
  return String(value);
}
